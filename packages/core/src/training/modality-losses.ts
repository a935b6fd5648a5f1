/** What each continuous modality contributes to a step's diffusion loss, from the errors of its blocks. */
import type { HostTensor } from '../contracts/tensors.ts';
import type { TrainingBatch } from './training-batch.ts';

/** A batch and what the compiled step said of it. */
export interface MeasuredBatch {
  readonly batch: TrainingBatch;
  readonly outputs: Readonly<Record<string, HostTensor>>;
}

/**
 * The mean diffusion loss of every modality over its own blocks, in the loss space and weighted as the loss is; the mean
 * of all blocks together is the step's diffusion loss. Modalities without a block in these batches are left out.
 */
export function modalityLosses(batches: readonly MeasuredBatch[]): Readonly<Record<string, number>> {
  const sums = new Map<string, { loss: number; blocks: number }>();
  for (const { batch, outputs } of batches) {
    const kinds = Object.entries(batch.packed.blocks);
    const blocksOfBatch = kinds.reduce((count, [, placed]) => count + placed.length, 0);
    for (const [kind, placed] of kinds) {
      const { modality } = batch.packed.shape.blocks[kind]!;
      const sum = sums.get(modality) ?? { loss: 0, blocks: 0 };
      const [weights, errors] = [batch.feeds[`${kind}.weight`]!, outputs[`${kind}.blockErrors`]!.data];
      placed.forEach((_, index) => (sum.loss += weights[index]! * errors[index]! * blocksOfBatch));
      sum.blocks += placed.length;
      sums.set(modality, sum);
    }
  }
  const present = [...sums].filter(([, { blocks }]) => blocks > 0);
  return Object.fromEntries(present.map(([modality, { loss, blocks }]) => [modality, loss / blocks]));
}
