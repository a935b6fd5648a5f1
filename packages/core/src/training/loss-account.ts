/**
 * Says, for every position of a batch, which loss it had, how large, and with what weight: the way to see that padding
 * costs nothing, that begin-of-block tokens ask nothing, and where a loss comes from.
 */
import type { HostTensor } from '../contracts/tensors.ts';
import type { TrainingBatch } from './training-batch.ts';

/** One position's entry. */
export interface LossAccountEntry {
  readonly row: number;
  readonly position: number;
  /** Document number within the batch from 1; 0 for padding. */
  readonly document: number;
  /** Token id of a discrete position. */
  readonly id?: number;
  /** What the position is charged with. */
  readonly loss: 'next-token' | 'diffusion' | 'none';
  /** Id to predict, for a next-token loss. */
  readonly target?: number;
  /** For a diffusion loss: modality and shape, number among the batch's blocks of this kind, and time. */
  readonly block?: {
    readonly modality: string;
    readonly latentShape: readonly number[];
    readonly index: number;
    readonly time: number;
  };
  /** Unweighted: nats, or mean squared error of the whole block in the prediction's space. 0 for `none`. */
  readonly value: number;
  /** Weight of `value` in the total; a block's weight is shared evenly among its positions and includes lambda. */
  readonly weight: number;
}

/** Puts together a batch and a step's outputs. The sum of `value * weight` over all entries is the total loss. */
export function lossAccount(
  batch: TrainingBatch,
  outputs: Readonly<Record<string, HostTensor>>,
  { diffusionWeight }: { readonly diffusionWeight: number },
): LossAccountEntry[] {
  const { packed, feeds } = batch;
  const { rows, rowLength, asked: askedInputs, silent } = packed.shape;
  const place = (index: number) => ({
    row: Math.floor(index / rowLength),
    position: index % rowLength,
    document: packed.documentIds[index]!,
  });
  const entries: LossAccountEntry[] = [];
  for (let index = 0; index < rows * rowLength; index++) {
    const input = packed.order[index]!;
    if (input < askedInputs + silent) {
      const asked = input < askedInputs;
      entries.push({
        ...place(index),
        id: packed.ids[input]!,
        loss: asked ? 'next-token' : 'none',
        ...(asked ? { target: packed.targets[input]! } : {}),
        value: asked ? outputs['tokenLosses']!.data[input]! : 0,
        weight: asked ? feeds['targetWeights']![input]! : 0,
      });
    } else if (packed.blockIds[index] === 0) {
      entries.push({ ...place(index), loss: 'none', value: 0, weight: 0 });
    }
  }
  for (const [kind, blocks] of Object.entries(packed.blocks)) {
    blocks.forEach(({ modality, latent, row, position, tokens }, index) => {
      const time = feeds[`${kind}.time`]![index]!;
      for (let token = 0; token < tokens; token++) {
        entries.push({
          ...place(row * rowLength + position + token),
          loss: 'diffusion',
          block: { modality, latentShape: latent.shape, index, time },
          value: outputs[`${kind}.blockErrors`]!.data[index]!,
          weight: (diffusionWeight * feeds[`${kind}.weight`]![index]!) / tokens,
        });
      }
    });
  }
  return entries.toSorted((a, b) => a.row - b.row || a.position - b.position);
}
