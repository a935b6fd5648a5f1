/**
 * The shape of a block as the language side writes it: after the begin token one token per axis of the grid. Only sizes
 * that lead to a shape the adapter has, and that there is room for, can be chosen.
 */
import type { ContinuousAdapter } from '../contracts/modality-adapter.ts';
import { gridSize, latentShapesOf } from '../sequence/block-kind.ts';
import type { Vocabulary } from '../sequence/vocabulary.ts';
import type { SequenceReader } from './sequence-reader.ts';

/** A latent shape and the grid of its tokens. */
export interface BlockShapeChoice {
  readonly latentShape: readonly number[];
  readonly grid: readonly number[];
}

/** The shapes of an adapter whose blocks fit into so many positions, `header` of which stand before the tokens, with the end token. */
export function shapesWithRoom(
  adapter: ContinuousAdapter,
  room: number,
  header: (grid: readonly number[]) => number,
): readonly BlockShapeChoice[] {
  return latentShapesOf(adapter)
    .map((latentShape) => ({ latentShape, grid: adapter.tokenGrid(latentShape) }))
    .filter(({ grid }) => header(grid) + gridSize(grid) + 1 <= room);
}

/**
 * Writes the tokens of a shape, axis by axis, each chosen among those that candidates go on with.
 *
 * @param choose takes logits and which ids may be chosen
 */
export async function writeShape(
  reader: SequenceReader,
  { sizes }: Vocabulary,
  candidates: readonly BlockShapeChoice[],
  choose: (logits: Float32Array, allowed: (id: number) => boolean) => number,
): Promise<BlockShapeChoice> {
  let left = candidates;
  for (let axis = 0; left.some(({ grid }) => axis < grid.length); axis++) {
    const next = new Set(left.map(({ grid }) => sizes.offset + grid[axis]! - 1));
    const id = choose(reader.logits, (one) => next.has(one));
    await reader.appendToken(id);
    left = left.filter(({ grid }) => grid[axis] === id - sizes.offset + 1);
  }
  return left[0]!;
}
