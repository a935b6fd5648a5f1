// Whether a model's shape and its adapters fit each other: room for blocks in a sequence, and positions along axes. What
// could never work is refused, what merely does nothing is worth a warning.
import type { Logger } from '../contracts/logger.ts';
import { TransfuseError } from '../errors/index.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import { gridSize, latentShapesOf } from '../sequence/block-kind.ts';
import { blockHeader } from '../sequence/document-layout.ts';

/** Throws `config.invalid` at `model.sequenceLength` or `model.heads`. */
export function checkModelFit(model: TransfusionModel, logger: Logger): void {
  for (const modality of Object.keys(model.continuous)) checkRoom(model, modality);
  const { positions, width, heads } = model.transformer;
  if (positions !== 'axial') return;
  const { positionAxes } = model;
  if (positionAxes === 1) {
    logger.warn(
      'model.positions: axial positions do nothing here, because no modality has a grid of two axes or more.',
    );
  }
  const pairs = width / heads / 2;
  if (pairs >= positionAxes) return;
  throw new TransfuseError({
    code: 'config.invalid',
    place: 'model.heads',
    found: `${heads}, which makes heads of ${width / heads} features`,
    expected: `heads of at least ${2 * positionAxes} features, a pair for each of the ${positionAxes} axes of positions`,
    mend: 'Use fewer heads or a larger width, or set `model.positions` to "sequence".',
  });
}

/** Begin-of-document, the header, the tokens and the end token of the smallest block must fit into a sequence. */
function checkRoom({ continuous, vocabulary, transformer }: TransfusionModel, modality: string): void {
  const adapter = continuous[modality]!;
  const needed = latentShapesOf(adapter).map((shape) => {
    const grid = adapter.tokenGrid(shape);
    return 1 + blockHeader(vocabulary, modality, grid).length + gridSize(grid) + 1;
  });
  const least = Math.min(...needed);
  if (least <= transformer.sequenceLength) return;
  throw new TransfuseError({
    code: 'config.invalid',
    place: 'model.sequenceLength',
    found: String(transformer.sequenceLength),
    expected: `at least ${least}, which the smallest block of ${modality} needs`,
    mend: 'Raise `model.sequenceLength`, or choose an adapter with fewer tokens, for example with larger patches.',
  });
}
