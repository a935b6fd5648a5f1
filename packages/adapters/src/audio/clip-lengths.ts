/*
 * The lengths that sounds are brought to: one or several durations, each rounded up to whole patches of the latent. A
 * sound goes to the shortest that holds it and is filled up with silence; one longer than all is cut.
 */
import { type RawAudio, TransfuseError } from '@transfuse/core/contracts';

/** What decides the lengths. */
export interface ClipLengthSettings {
  readonly sampleRate: number;
  readonly samplesPerFrame: number;
  /** Frames per patch. */
  readonly patchSize: number;
  /** Seconds; one duration or several. */
  readonly durations: number | readonly number[];
}

/** The lengths of a setting, in frames of the latent. */
export interface ClipLengths {
  /** From the shortest to the longest. */
  readonly frames: readonly number[];
  /** The shortest that holds so many samples; the longest where none does. */
  holding(samples: number): number;
  /** The nearest to a duration in seconds, of two equally near ones the longer. */
  nearest(seconds: number): number;
}

/** Creates the lengths. @throws `config.invalid` for durations that are not positive, or that patches make equal */
export function createClipLengths(settings: ClipLengthSettings): ClipLengths {
  const { sampleRate, samplesPerFrame, patchSize } = settings;
  const seconds = [settings.durations].flat().toSorted((a, b) => a - b);
  const perPatch = samplesPerFrame * patchSize;
  // A duration written in decimals may miss a whole number of samples by a rounding error.
  const frames = seconds.map((one) => Math.ceil(Math.round(one * sampleRate) / perPatch) * patchSize);
  const positive =
    seconds.length > 0 && seconds.every((one) => Number.isFinite(one) && Math.round(one * sampleRate) > 0);
  if (!positive || new Set(frames).size < frames.length) throw unusable(seconds, perPatch / sampleRate);
  const longest = frames.at(-1)!;
  return {
    frames,
    holding: (samples) => frames.find((count) => count * samplesPerFrame >= samples) ?? longest,
    nearest(wanted) {
      const distance = (count: number) => Math.abs(count * samplesPerFrame - wanted * sampleRate);
      return frames.reduce((best, count) => (distance(count) <= distance(best) ? count : best));
    },
  };
}

/** A sound cut or filled up with silence at its end. */
export function withLength({ sampleRate, channels }: RawAudio, samples: number): RawAudio {
  return {
    sampleRate,
    channels: channels.map((channel) => {
      if (channel.length === samples) return channel;
      const fitted = new Float32Array(samples);
      fitted.set(channel.subarray(0, samples));
      return fitted;
    }),
  };
}

function unusable(seconds: readonly number[], patch: number): TransfuseError {
  return new TransfuseError({
    code: 'config.invalid',
    place: 'durations',
    found: JSON.stringify(seconds),
    expected: `positive seconds, no two of which fill the same number of patches of ${patch} s`,
    mend: 'Write one duration, or several that lie further apart.',
  });
}
