/**
 * What an adapter declares of its latent shapes, checked before a model is built on it: that there are some, the default
 * among them, each with a grid of whole tokens, and no two with the same grid, because size tokens could not tell them apart.
 */
import type { ContinuousAdapter } from '../contracts/modality-adapter.ts';
import { TransfuseError } from '../errors/index.ts';
import { latentShapesOf } from './block-kind.ts';

/** Throws `sequence.invalid`. @param shape whether size tokens tell the shape of this adapter's blocks */
export function checkDeclaredShapes(adapter: ContinuousAdapter, shape: 'fixed' | 'told'): void {
  const { modality, defaultLatentShape } = adapter;
  const shapes = latentShapesOf(adapter);
  if (shapes.length === 0) throw invalid(modality, 'no latent shape in latentShapes', 'every shape there can be');
  if (!shapes.some((one) => one.join() === defaultLatentShape.join())) {
    const listed = shapes.map(written).join(', ');
    throw invalid(modality, `defaultLatentShape ${written(defaultLatentShape)}`, `one of its latentShapes, ${listed}`);
  }
  const grids = shapes.map((one) => adapter.tokenGrid(one));
  grids.forEach((grid, index) => {
    const of = `a latent of ${written(shapes[index]!)}`;
    if (grid.length === 0 || !grid.every((size) => Number.isSafeInteger(size) && size > 0)) {
      throw invalid(modality, `a grid of ${written(grid)} for ${of}`, 'at least one whole number of tokens, from 1 up');
    }
    const same = grids.findIndex((other) => other.join() === grid.join());
    if (same < index) {
      const found = `two shapes of one grid ${written(grid)}, ${written(shapes[same]!)} and ${written(shapes[index]!)}`;
      throw invalid(modality, found, 'another grid for every shape');
    }
    if (shape === 'told' && grid.length !== grids[0]!.length) {
      const found = `grids of ${grids[0]!.length} and ${grid.length} axes, told by tokens`;
      throw invalid(modality, found, 'grids of the same number of axes');
    }
  });
}

const written = (shape: readonly number[]) => `[${shape.join(', ')}]`;

function invalid(modality: string, found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'sequence.invalid',
    place: `adapter of modality ${modality}`,
    found,
    expected,
    mend: 'Correct the adapter’s latentShapes or its tokenGrid.',
  });
}
