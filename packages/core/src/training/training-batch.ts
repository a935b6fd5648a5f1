/**
 * From documents to what a training step is fed: index arrays, latents, noise, and the numbers that say what each
 * token and block is asked and how much it counts.
 */
import type { LossWeighting } from '../contracts/loss-weighting.ts';
import type { NoiseLevel, NoiseSchedule, PredictionType } from '../contracts/noise-schedule.ts';
import type { HostTensor } from '../contracts/tensors.ts';
import { elementCount } from '../engine/check-feed.ts';
import { errorScale, targetMixture } from '../objective/parametrisation.ts';
import { blockKindName } from '../sequence/block-kind.ts';
import { lanePlaces } from '../sequence/document-lanes.ts';
import {
  type BatchShape,
  createRowPacker,
  overRows,
  type PackedRows,
  shapeWithRoomFor,
} from '../sequence/pack-rows.ts';
import type { BlockNoise, DocumentStream, TrainingDocument } from './document-stream.ts';

/** What the network predicts and in which space its error counts. */
export interface DiffusionObjective {
  readonly schedule: NoiseSchedule;
  readonly prediction: PredictionType;
  readonly lossSpace: PredictionType;
  /** Within this distance of either end of time the weight of an error stops growing (it could become infinite). */
  readonly minimumLossTime: number;
  /** Decides the factor by noise level, in place of `lossSpace` and `minimumLossTime`. */
  readonly weighting?: LossWeighting | undefined;
  /** Factors of modalities; default 1. */
  readonly modalityWeights?: Readonly<Record<string, number>>;
}

/** A batch ready to be fed. */
export interface TrainingBatch {
  readonly packed: PackedRows;
  /** Arrays by input name. */
  readonly feeds: Readonly<Record<string, HostTensor['data']>>;
  /** Noise of every placed block, per kind, in slot order. */
  readonly noises: Readonly<Record<string, readonly BlockNoise[]>>;
  /** The stream number after the last document taken. */
  readonly next: number;
  /** Positions that carry a document: what throughput counts. */
  readonly tokens: number;
}

/**
 * Takes documents from the stream, beginning at `start`, until no more fits. Where an empty batch of the shape has no
 * room for the first document's blocks, the batch has a larger shape; where a document is too long for its lane, it is
 * packed over whole rows.
 */
export async function nextBatch(
  stream: DocumentStream,
  start: number,
  usualShape: BatchShape,
  objective: DiffusionObjective,
): Promise<TrainingBatch> {
  const drawn: TrainingDocument[] = [];
  const at = async (index: number) => (drawn[index] ??= await stream.document(start + index));
  const packedIn = async (filled: BatchShape): Promise<PackedRows> => {
    const packer = createRowPacker(filled);
    for (let index = 0; packer.place((await at(index)).layout);) index++;
    return packer.finish();
  };
  const usual = shapeWithRoomFor((await at(0)).layout, usualShape);
  const inUsual = await packedIn(usual);
  const packed = isCutShort(inUsual, drawn) ? await packedIn(overRows(usual)) : inUsual;
  const { shape } = packed;
  const documents = drawn.slice(0, packed.documents);
  const noises: Record<string, BlockNoise[]> = Object.fromEntries(Object.keys(shape.blocks).map((name) => [name, []]));
  for (const { layout, noises: own } of documents) {
    layout.blocks.forEach(({ modality, latent }, index) =>
      noises[blockKindName(modality, latent.shape)]!.push(own[index]!),
    );
  }
  return {
    packed,
    noises,
    next: start + documents.length,
    feeds: feeds(packed, noises, objective),
    tokens: countTokens(documents),
  };
}

/** Whether a batch ended because the next document is too long for a lane, although it has room for it. */
function isCutShort({ shape, documents }: PackedRows, drawn: readonly TrainingDocument[]): boolean {
  const { layout } = drawn[documents]!;
  if (shape.lanes === undefined || layout.length < shape.lanes.length) return false;
  return countTokens(drawn.slice(0, documents)) + layout.length <= shape.rows * shape.rowLength;
}

const countTokens = (documents: readonly TrainingDocument[]) =>
  documents.reduce((total, { layout }) => total + layout.length, 0);

function feeds(
  packed: PackedRows,
  noises: Readonly<Record<string, readonly BlockNoise[]>>,
  objective: DiffusionObjective,
): Record<string, HostTensor['data']> {
  const { ids, targets, order, inverse, positions, documentIds, blockIds, shape } = packed;
  const asked = packed.targetMask.reduce((sum, mask) => sum + mask, 0);
  const arrays: Record<string, HostTensor['data']> = {
    ids,
    targets,
    targetWeights: packed.targetMask.map((mask) => mask / Math.max(1, asked)),
    order,
    inverse,
    positions,
    ...(shape.lanes === undefined ? { documentIds, blockIds } : lanePlaces(packed, shape.lanes)),
  };
  const total = Object.values(packed.blocks).reduce((sum, placed) => sum + placed.length, 0);
  for (const [kind, { modality, latentShape, count }] of Object.entries(shape.blocks)) {
    const size = elementCount(latentShape);
    const clean = new Float32Array(count * size);
    const noise = new Float32Array(count * size);
    const numbers = { time: 0, alpha: 0, sigma: 0, targetClean: 0, targetNoise: 0, weight: 0 };
    const perBlock = Object.fromEntries(Object.keys(numbers).map((name) => [name, new Float32Array(count)]));
    const modalityWeight = objective.modalityWeights?.[modality] ?? 1;
    packed.blocks[kind]!.forEach(({ latent }, index) => {
      const block = noises[kind]![index]!;
      clean.set(latent.data, index * size);
      noise.set(block.noise, index * size);
      const target = targetMixture(objective.prediction, block.level);
      perBlock['time']![index] = block.time;
      perBlock['alpha']![index] = block.level.alpha;
      perBlock['sigma']![index] = block.level.sigma;
      perBlock['targetClean']![index] = target.clean;
      perBlock['targetNoise']![index] = target.noise;
      perBlock['weight']![index] = (modalityWeight * blockWeight(block, objective)) / total;
    });
    Object.assign(arrays, { [`${kind}.clean`]: clean, [`${kind}.noise`]: noise });
    for (const [name, values] of Object.entries(perBlock)) arrays[`${kind}.${name}`] = values;
  }
  return arrays;
}

/** Where even at `minimumLossTime` there is no signal left (a chain of few timesteps with zero terminal SNR). */
const largestScale = 1e4;

/**
 * The factor that turns a squared error of the network's output into one of the loss space, weighted. Where a conversion blows
 * up towards an end of time, it stops growing at `minimumLossTime` from that end. A weighting decides instead of all this.
 */
function blockWeight({ level }: BlockNoise, objective: DiffusionObjective): number {
  const { schedule, prediction, lossSpace, minimumLossTime, weighting } = objective;
  if (weighting !== undefined) return weighting.weight(level, prediction);
  const scale = (at: NoiseLevel) => errorScale(prediction, lossSpace, at);
  const ends = [schedule.at(minimumLossTime), schedule.at(1 - minimumLossTime)];
  const largest = Math.min(largestScale, Math.max(...ends.map(scale)));
  return Math.min(scale(level), largest) ** 2;
}
