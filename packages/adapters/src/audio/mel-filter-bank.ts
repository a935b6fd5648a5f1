/*
 * Mel bands of a magnitude spectrum (Davis and Mermelstein 1980): overlapping triangles whose corners lie evenly on a mel
 * scale. Weights agree with librosa's `filters.mel`. The way back is a non-negative least-squares problem, since there
 * are fewer bands than bins; it is solved by multiplicative updates (Lee and Seung 2001), which keep numbers positive.
 */
import { TransfuseError } from '@transfuse/core/contracts';
import { type MelScaleName, melScales } from './mel-scale.ts';

/** Which bands. */
export interface MelSettings {
  readonly sampleRate: number;
  readonly fftSize: number;
  /** How many bands. */
  readonly mels: number;
  /** Hertz at which the first band begins. Default 0. */
  readonly lowestFrequency?: number;
  /** Hertz at which the last band ends. Default half the sample rate. */
  readonly highestFrequency?: number;
  /** Default `slaney`. */
  readonly scale?: MelScaleName;
  /** What is 1 of every triangle: its `peak`, or its `area` in hertz (Slaney's). Default `peak`. */
  readonly norm?: 'peak' | 'area';
}

/** One triangle: weights of the bins from `first` on. */
export interface MelBand {
  readonly first: number;
  readonly weights: Float64Array;
}

/** The bands, and both directions through them. */
export interface MelFilterBank {
  readonly bands: readonly MelBand[];
  /** `[frames, bins]` to `[frames, mels]`. */
  forward(magnitudes: Float64Array): Float64Array;
  /** `[frames, mels]` to the `[frames, bins]`, not negative, whose bands come nearest; bins of no band are 0. */
  inverse(levels: Float64Array): Float64Array;
}

/** Half as many leave bands of a few loud frequencies among silent ones 3 % away. */
const updates = 240;

/** Creates the bands. @throws `config.invalid` for frequencies out of order, or for so many bands that one holds no bin */
export function createMelFilterBank(settings: MelSettings): MelFilterBank {
  const bands = bandsOf(settings);
  const [mels, bins] = [bands.length, settings.fftSize / 2 + 1];
  const forwardFrame = (from: Float64Array, to: Float64Array) => {
    for (const [band, { first, weights }] of bands.entries()) {
      let sum = 0;
      for (let index = 0; index < weights.length; index++) sum += weights[index]! * from[first + index]!;
      to[band] = sum;
    }
  };
  const transposedFrame = (from: Float64Array, to: Float64Array) => {
    to.fill(0);
    for (const [band, { first, weights }] of bands.entries()) {
      for (let index = 0; index < weights.length; index++) to[first + index]! += weights[index]! * from[band]!;
    }
  };
  const eachFrame = (
    data: Float64Array,
    [from, to]: readonly [from: number, to: number],
    run: (from: Float64Array, to: Float64Array) => void,
  ) => {
    const frames = data.length / from;
    const result = new Float64Array(frames * to);
    for (let frame = 0; frame < frames; frame++) {
      run(data.subarray(frame * from, (frame + 1) * from), result.subarray(frame * to, (frame + 1) * to));
    }
    return result;
  };
  const [projected, wanted, reached] = [new Float64Array(mels), new Float64Array(bins), new Float64Array(bins)];
  return {
    bands,
    forward: (magnitudes) => eachFrame(magnitudes, [bins, mels], forwardFrame),
    inverse: (levels) =>
      eachFrame(levels, [mels, bins], (level, bin) => {
        transposedFrame(level, wanted);
        bin.set(wanted); // positive wherever a sounding band reaches
        for (let update = 0; update < updates; update++) {
          forwardFrame(bin, projected);
          transposedFrame(projected, reached);
          for (let index = 0; index < bins; index++) bin[index]! *= wanted[index]! / (reached[index]! + 1e-30);
        }
      }),
  };
}

function bandsOf(settings: MelSettings): readonly MelBand[] {
  const { sampleRate, fftSize, mels, scale = 'slaney', norm = 'peak' } = settings;
  const { lowestFrequency: lowest = 0, highestFrequency: highest = sampleRate / 2 } = settings;
  if (!(lowest >= 0 && lowest < highest && highest <= sampleRate / 2)) {
    throw new TransfuseError({
      code: 'config.invalid',
      place: 'lowestFrequency, highestFrequency',
      found: `${lowest} Hz, ${highest} Hz`,
      expected: `frequencies of at least 0, in order, up to half the sample rate (${sampleRate / 2} Hz)`,
      mend: 'Leave both out for the whole range.',
    });
  }
  const { toMel, toHertz } = melScales[scale];
  const [low, high] = [toMel(lowest), toMel(highest)];
  const corner = (index: number) => toHertz(low + ((high - low) * index) / (mels + 1));
  return Array.from({ length: mels }, (_, band) => {
    const [start, peak, end] = [corner(band), corner(band + 1), corner(band + 2)];
    const height = norm === 'area' ? 2 / (end - start) : 1;
    const step = sampleRate / fftSize;
    const first = Math.floor(start / step) + 1;
    const weights = Float64Array.from({ length: Math.max(0, Math.ceil(end / step) - first) }, (_, index) => {
      const hertz = (first + index) * step;
      return height * Math.max(0, Math.min((hertz - start) / (peak - start), (end - hertz) / (end - peak)));
    });
    if (weights.some((weight) => weight > 0)) return { first, weights };
    throw new TransfuseError({
      code: 'config.invalid',
      place: 'mels',
      found: `${mels} bands, of which band ${band} lies between two frequencies of the transform`,
      expected: `bands wide enough for ${step} Hz, the distance of frequencies at fftSize ${fftSize}`,
      mend: 'Take fewer mels, or a larger fftSize.',
    });
  });
}
