/** What each continuous modality contributes to a step's diffusion loss, from the errors of its blocks. */
import type { HostTensor } from '../contracts/tensors.ts';
import type { TrainingBatch } from './training-batch.ts';

/** Takes up the batches of a step, one after another. */
export interface ModalityLosses {
  /** Adds a batch and what the compiled step said of it; both are read at once, and not kept. */
  add(batch: TrainingBatch, outputs: Readonly<Record<string, HostTensor>>): void;
  /**
   * The mean diffusion loss of every modality over its own blocks, in the loss space and weighted as the loss is. Modalities
   * without a block are left out.
   */
  means(): Readonly<Record<string, number>>;
}

/** Begins with no batch. */
export function createModalityLosses(): ModalityLosses {
  const sums = new Map<string, { loss: number; blocks: number }>();
  return {
    add({ packed, feeds }, outputs) {
      const kinds = Object.entries(packed.blocks);
      const total = kinds.reduce((count, [, placed]) => count + placed.length, 0); // which shares the weights
      for (const [kind, placed] of kinds) {
        if (placed.length === 0) continue;
        const { modality } = packed.shape.blocks[kind]!;
        const sum = sums.get(modality) ?? { loss: 0, blocks: 0 };
        const [weights, errors] = [feeds[`${kind}.weight`]!, outputs[`${kind}.blockErrors`]!.data];
        placed.forEach((_, index) => (sum.loss += weights[index]! * errors[index]! * total));
        sum.blocks += placed.length;
        sums.set(modality, sum);
      }
    },
    means: () => Object.fromEntries([...sums].map(([modality, { loss, blocks }]) => [modality, loss / blocks])),
  };
}
