/**
 * Documents with chosen times and noise, packed and turned into feeds by the code that training uses.
 */
import type { NoiseSchedule } from '@transfuse/core/contracts';
import type { TransfusionModel } from '../../packages/core/src/model/transfusion-model.ts';
import { type EncodedSegment, layOutDocument, noTarget } from '../../packages/core/src/sequence/document-layout.ts';
import { blockKinds } from '../../packages/core/src/sequence/block-kind.ts';
import type { BatchShape } from '../../packages/core/src/sequence/pack-rows.ts';
import type { TrainingDocument } from '../../packages/core/src/training/document-stream.ts';
import {
  type DiffusionObjective,
  nextBatch,
  type TrainingBatch,
} from '../../packages/core/src/training/training-batch.ts';
import { sizeOf, wave } from './tiny-numbers.ts';

/** Straight paths from data to noise; enough of a schedule for tests of core alone. */
export const straightPath: NoiseSchedule = {
  name: 'straight',
  config: {},
  at: (time) => ({ alpha: 1 - time, sigma: time, velocity: { clean: -1, noise: 1 } }),
  sampleTime: (uniform) => uniform(),
};

/** The usual objective: the network says the clean sample and is judged by the velocity. */
export const sampleByVelocity: DiffusionObjective = {
  schedule: straightPath,
  prediction: 'sample',
  lossSpace: 'velocity',
  minimumLossTime: 0.05,
};

/** A text segment of ids. */
export const textOf = (...ids: number[]): EncodedSegment => ({ kind: 'discrete', modality: 'text', ids });

/** A block's time and the stream number of its noise. */
export interface ChosenNoise {
  readonly time: number;
  readonly stream: number;
}

/** Lays out a document and gives each of its blocks a time and noise. */
export function trainingDocument(
  model: TransfusionModel,
  segments: readonly EncodedSegment[],
  chosen: readonly ChosenNoise[] = [],
  schedule: NoiseSchedule = straightPath,
): TrainingDocument {
  const layout = layOutDocument(segments, model.vocabulary);
  const noises = layout.blocks.map(({ latent }, index) => {
    const { time, stream } = chosen[index]!;
    return { time, level: schedule.at(time), noise: wave(stream, sizeOf(latent.shape), 1.4) };
  });
  return { layout, noises };
}

/** Packs these documents and no more. Throws where they do not all fit. */
export async function batchOf(
  model: TransfusionModel,
  documents: readonly TrainingDocument[],
  shape: BatchShape,
  objective: DiffusionObjective = sampleByVelocity,
): Promise<TrainingBatch> {
  // A batch ends with the first document that does not fit: one of more words than there is room for.
  const ids = new Int32Array(shape.asked + shape.silent + 1);
  const last = { layout: { length: 1, ids, targets: ids.map(() => noTarget), blocks: [] }, noises: [] };
  const stream = { document: async (number: number) => documents[number] ?? last };
  const batch = await nextBatch(stream, 0, shape, objective);
  if (batch.next !== documents.length) throw new Error(`${batch.next} instead of ${documents.length} documents fit`);
  return batch;
}

/** The kinds of a model's blocks, so many of each modality. */
export function countedKinds(
  { continuous }: Pick<TransfusionModel, 'continuous'>,
  counts: Readonly<Record<string, number>>,
): BatchShape['blocks'] {
  return Object.fromEntries(
    Object.entries(blockKinds(continuous)).map(([name, kind]) => [
      name,
      { ...kind, count: counts[kind.modality] ?? 0 },
    ]),
  );
}
