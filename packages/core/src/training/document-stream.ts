/**
 * The endless stream of training documents: which example comes next, in which order its caption and picture stand,
 * whether the caption is dropped, and each block's time and noise. Document n depends on the seed and n alone, so a
 * run can be taken up anywhere.
 *
 * Policy of Zhou et al. 2024: the caption comes first in 80 % of pairs; where the picture comes first its noise is
 * capped (section 4.3.4, t <= 500 of 1000), so that the caption has something to describe.
 */
import type { DatasetItem, DatasetSplit } from '../contracts/dataset.ts';
import type { NoiseLevel, NoiseSchedule } from '../contracts/noise-schedule.ts';
import type { RandomSource } from '../contracts/random-source.ts';
import type { Segment } from '../contracts/segment.ts';
import { elementCount } from '../engine/check-feed.ts';
import { TransfuseError } from '../errors/index.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import { createRandom } from '../random/seeded-random.ts';
import { type DocumentLayout, type EncodedSegment, layOutDocument } from '../sequence/document-layout.ts';
import { createSegmentEncoder } from '../sequence/segment-encoder.ts';

/** How examples become documents. */
export interface DocumentPolicy {
  /** Probability that a captioned value keeps its caption in front. */
  readonly captionFirst: number;
  /** Probability that a caption in front is dropped, for classifier-free guidance. */
  readonly captionDropout: number;
  /** Largest time of a block that stands before its caption. */
  readonly imageFirstTimeCap: number;
}

/** A block's share of the diffusion process. */
export interface BlockNoise {
  readonly time: number;
  readonly level: NoiseLevel;
  /** Unit normal, of the latent's size. */
  readonly noise: Float32Array;
}

/** One document with the noise of each of its blocks. */
export interface TrainingDocument {
  readonly layout: DocumentLayout;
  readonly noises: readonly BlockNoise[];
}

/** A position in the stream. */
export interface DocumentStream {
  /** The document at a number, 0, 1, 2, …. */
  document(number: number): Promise<TrainingDocument>;
}

/** Creates the stream over a split. */
export function createDocumentStream(options: {
  readonly split: DatasetSplit;
  readonly model: TransfusionModel;
  readonly schedule: NoiseSchedule;
  readonly policy: DocumentPolicy;
  readonly seed: number;
}): DocumentStream {
  const { split, model, schedule, policy, seed } = options;
  const encode = createSegmentEncoder(model);
  const order = shuffledEpochs(split.length, seed);
  return {
    async document(number) {
      const random = createRandom(`${seed}/document/${number}`);
      const item = split.item(order(number), random);
      const arranged = arrange(item, model, policy, random);
      const encoded = await Promise.all(
        arranged.map(({ segment }): EncodedSegment | Promise<EncodedSegment> =>
          segment === droppedCaption ? { kind: 'dropped-caption' } : encode(segment),
        ),
      );
      const layout = layOutDocument(encoded, model.vocabulary);
      const caps = arranged.flatMap(({ timeCap }, index) => (encoded[index]!.kind === 'continuous' ? [timeCap] : []));
      const noises = layout.blocks.map(({ latent }, index): BlockNoise => {
        const time = schedule.sampleTime(() => random.uniform()) * caps[index]!;
        return {
          time,
          level: schedule.at(time),
          noise: random.fillNormal(new Float32Array(elementCount(latent.shape))),
        };
      });
      return { layout, noises };
    },
  };
}

const droppedCaption = Symbol('dropped caption');

/** A segment as it will stand in the document, and the largest time of its noise if it is a block. */
interface ArrangedSegment {
  readonly segment: Segment | typeof droppedCaption;
  readonly timeCap: number;
}

/**
 * Decides order, dropout and noise caps. A pair of a caption and a value stands in either order; longer documents keep
 * theirs. Wherever a caption leads to a block it may be dropped, and wherever a block comes before any caption its
 * noise is capped, so that what describes it has something to see. A segment's own `maximumTime` goes before that. Throws
 * `sequence.invalid` where that is no time.
 */
function arrange(
  { id, segments }: DatasetItem,
  model: TransfusionModel,
  policy: DocumentPolicy,
  random: RandomSource,
): ArrangedSegment[] {
  const isCaption = ({ modality }: Segment) => modality in model.discrete;
  const captionComesFirst = random.uniform() < policy.captionFirst;
  const isPair = segments.length === 2 && segments.filter(isCaption).length === 1;
  const inOrder = isPair && isCaption(segments[0]!) !== captionComesFirst ? segments.toReversed() : segments;
  const dropped = random.uniform() < policy.captionDropout;
  return inOrder.map((segment, index) => {
    const leadsToBlock = inOrder.slice(index + 1).some((later) => !isCaption(later));
    if (isCaption(segment)) return { segment: dropped && leadsToBlock ? droppedCaption : segment, timeCap: 1 };
    if (segment.maximumTime !== undefined) return { segment, timeCap: checkedTime(id, segment, segment.maximumTime) };
    const describedLater = !inOrder.slice(0, index).some(isCaption) && inOrder.slice(index + 1).some(isCaption);
    return { segment, timeCap: describedLater ? policy.imageFirstTimeCap : 1 };
  });
}

function checkedTime(id: string, { modality }: Segment, time: number): number {
  if (time > 0 && time <= 1) return time;
  throw new TransfuseError({
    code: 'sequence.invalid',
    place: `item ${id}, segment of modality ${modality}`,
    found: `a maximumTime of ${time}`,
    expected: 'a number above 0 and up to 1',
    mend: 'Correct what the data set says of the segment.',
  });
}

/** Each epoch is a fresh permutation; number n of the stream is entry n mod length of epoch n div length. */
function shuffledEpochs(length: number, seed: number): (number: number) => number {
  let epoch = -1;
  let permutation = new Int32Array(0);
  return (number) => {
    const wanted = Math.floor(number / length);
    if (wanted !== epoch) {
      const random = createRandom(`${seed}/epoch/${wanted}`);
      permutation = Int32Array.from({ length }, (_, index) => index);
      for (let index = length - 1; index > 0; index--) {
        const other = random.integer(index + 1);
        [permutation[index], permutation[other]] = [permutation[other]!, permutation[index]!];
      }
      epoch = wanted;
    }
    return permutation[number % length]!;
  };
}
