/** The discrete Fourier transform of real numbers, for sizes that are powers of two; the library fft.js does the work. */
import FFT from 'fft.js';

/** Forward and inverse transform of one size N; work arrays are kept, so one object serves one caller at a time. */
export interface FourierTransform {
  /** N real numbers to bins 0 to N/2: real and imaginary parts, interleaved, N + 2 numbers, valid until the next call. */
  forward(samples: Float64Array): Float64Array;
  /** The inverse of {@link FourierTransform.forward}. @returns N real numbers, valid until the next call */
  inverse(bins: Float64Array): Float64Array;
}

/** @param size a power of two, at least 4 */
export function createFourierTransform(size: number): FourierTransform {
  const transform = new FFT(size);
  const [spectrum, wave] = [new Float64Array(2 * size), new Float64Array(2 * size)];
  const real = new Float64Array(size);
  return {
    forward(samples) {
      transform.realTransform(spectrum, samples);
      return spectrum.subarray(0, size + 2);
    },
    inverse(bins) {
      spectrum.set(bins);
      transform.completeSpectrum(spectrum);
      transform.inverseTransform(wave, spectrum);
      for (let index = 0; index < size; index++) real[index] = wave[2 * index]!;
      return real;
    },
  };
}
