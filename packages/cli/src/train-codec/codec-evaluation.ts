// Looks at a trained autoencoder: how its latents must be scaled, and how well it gives pictures back. Quality is the
// peak signal-to-noise ratio in decibels, 10 log10(255^2 / mean squared error of a byte), higher being better.
import { decodePixels, encodePixels } from '@transfuse/adapters/image';
import { createLatentStatistics, type ImageCodec, type LatentScaling } from '@transfuse/adapters/vae';
import type { DatasetSplit, RawImage } from '@transfuse/core/contracts';
import { pictureAt } from './picture-batches.ts';

/** A picture and what the codec makes of it. */
export interface Reconstruction {
  readonly original: RawImage;
  readonly decoded: RawImage;
}

/** What was seen of a split. */
export interface SplitEvaluation {
  readonly split: string;
  /** How many pictures were looked at, spread evenly over the split. */
  readonly pictures: number;
  /** In decibels, over all of them. */
  readonly psnr: number;
  /** The first so many. */
  readonly shown: readonly Reconstruction[];
  /** What leads the latents of these pictures to mean 0 and deviation 1. */
  readonly scaling: LatentScaling;
}

/** Encodes and decodes up to `most` pictures of a split with a codec whose latents are not scaled. */
export async function evaluateSplit(
  codec: Pick<ImageCodec, 'encode' | 'decode'>,
  split: DatasetSplit,
  { size, most, shown }: { readonly size: number; readonly most: number; readonly shown: number },
): Promise<SplitEvaluation> {
  const count = Math.min(most, split.length);
  const statistics = createLatentStatistics();
  const reconstructions: Reconstruction[] = [];
  let squares = 0;
  for (let number = 0; number < count; number++) {
    const original = await pictureAt(split, Math.floor((number * split.length) / count), size);
    const latent = await codec.encode(encodePixels(original));
    statistics.add(latent.data);
    const decoded = decodePixels(await codec.decode(latent));
    squares += meanSquaredError(original, decoded) / count;
    if (reconstructions.length < shown && number % Math.max(1, Math.floor(count / shown)) === 0) {
      reconstructions.push({ original, decoded });
    }
  }
  const psnr = signalToNoise(squares);
  return { split: split.name, pictures: count, psnr, shown: reconstructions, scaling: statistics.scaling() };
}

/** Decibels of a mean squared error of bytes; infinite for none. */
export function signalToNoise(meanSquaredErrorOfBytes: number): number {
  return 10 * Math.log10(255 ** 2 / meanSquaredErrorOfBytes);
}

function meanSquaredError(one: RawImage, other: RawImage): number {
  return one.data.reduce((sum, byte, index) => sum + (byte - other.data[index]!) ** 2, 0) / one.data.length;
}
