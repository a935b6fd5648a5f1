/*
 * The short-time Fourier transform and its least-squares inverse (Allen and Rabiner 1977; Griffin and Lim 1984, equation
 * 6): frame t is the spectrum of the samples around t * hop under a Hann window, silence beyond both ends; the inverse
 * adds windowed frames up and divides by the sum of squared windows. Numbers agree with librosa's `stft` and `istft`
 * (`center=True`, `pad_mode='constant'`).
 */
import { TransfuseError } from '@transfuse/core/contracts';
import { createFourierTransform } from './fourier-transform.ts';

/** How a sound is cut into frames; all in samples. */
export interface FrameSettings {
  /** Length of the Hann window, at least 4. */
  readonly windowLength: number;
  /** From one frame to the next, at most half a window. */
  readonly hop: number;
  /** Size of the transform, a power of two that holds the window. Default: the smallest. */
  readonly fftSize?: number;
}

/** Complex numbers `[frames, bins]`, real and imaginary parts interleaved. */
export interface Spectrogram {
  readonly frames: number;
  readonly bins: number;
  readonly data: Float64Array;
}

/** The transform of one setting, and back. */
export interface ShortTimeFourier {
  /** fftSize / 2 + 1; bin k stands for the frequency k * sampleRate / fftSize. */
  readonly bins: number;
  readonly fftSize: number;
  /** Sum of the window: a full-scale sine at the middle of a bin has half of it as its magnitude. */
  readonly windowSum: number;
  /** Spectra of `frames` frames, frame t around sample t * hop; default as many as begin within the sound, and one. */
  forward(samples: ArrayLike<number>, options?: { readonly frames?: number }): Spectrogram;
  /** As many samples as `length` says; those that no window reaches are 0. */
  inverse(spectrogram: Spectrogram, length: number): Float64Array;
}

/** Creates the transform. @throws `config.invalid` for lengths that do not fit each other */
export function createShortTimeFourier(settings: FrameSettings): ShortTimeFourier {
  const { windowLength, hop, fftSize } = checked(settings);
  const window = Float64Array.from(
    { length: windowLength },
    (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / windowLength),
  );
  const offset = Math.floor((fftSize - windowLength) / 2) - fftSize / 2; // of a window's start from its frame's centre
  const lead = Math.floor((fftSize - windowLength) / 2);
  const bins = fftSize / 2 + 1;
  const transform = createFourierTransform(fftSize);
  return {
    bins,
    fftSize,
    windowSum: window.reduce((sum, value) => sum + value, 0),
    forward(samples, { frames = 1 + Math.floor(samples.length / hop) } = {}) {
      const data = new Float64Array(frames * bins * 2);
      const frame = new Float64Array(fftSize);
      for (let index = 0; index < frames; index++) {
        const start = index * hop + offset;
        for (let at = 0; at < windowLength; at++) frame[lead + at] = window[at]! * (samples[start + at] ?? 0);
        data.set(transform.forward(frame), index * bins * 2);
      }
      return { frames, bins, data };
    },
    inverse({ frames, data }, length) {
      const [sum, squares] = [new Float64Array(length), new Float64Array(length)];
      for (let index = 0; index < frames; index++) {
        const wave = transform.inverse(data.subarray(index * bins * 2, (index + 1) * bins * 2));
        const start = index * hop + offset;
        for (let at = Math.max(0, -start); at < windowLength && start + at < length; at++) {
          sum[start + at]! += window[at]! * wave[lead + at]!;
          squares[start + at]! += window[at]! * window[at]!;
        }
      }
      return sum.map((value, index) => (squares[index]! > 1e-12 ? value / squares[index]! : 0));
    },
  };
}

/** Absolute values. @returns `[frames, bins]` */
export function magnitudesOf({ frames, bins, data }: Spectrogram): Float64Array {
  const magnitudes = new Float64Array(frames * bins);
  for (let index = 0; index < magnitudes.length; index++) {
    const [real, imaginary] = [data[2 * index]!, data[2 * index + 1]!];
    magnitudes[index] = Math.sqrt(real * real + imaginary * imaginary);
  }
  return magnitudes;
}

function checked({ windowLength, hop, fftSize }: FrameSettings): Required<FrameSettings> {
  const size = fftSize ?? 2 ** Math.ceil(Math.log2(windowLength));
  const whole = Number.isInteger(windowLength) && Number.isInteger(hop) && windowLength >= 4 && hop >= 1;
  if (whole && hop <= windowLength / 2 && size >= windowLength && Number.isInteger(Math.log2(size))) {
    return { windowLength, hop, fftSize: size };
  }
  throw new TransfuseError({
    code: 'config.invalid',
    place: 'windowLength, hop, fftSize',
    found: `${windowLength}, ${hop}, ${size}`,
    expected: 'whole numbers, the hop at most half the window, the window within fftSize, a power of two',
    mend: 'Take, for example, a window of 512 samples, a hop of 128, and leave fftSize out.',
  });
}
