/*
 * Finds a sound whose short-time magnitudes are the given ones (Griffin and Lim 1984): back and forth between the
 * magnitudes and the spectrograms that sounds have, with the momentum of the fast variant (Perraudin, Balazs and
 * Soendergaard 2013). It starts with all phases 0, so the same magnitudes always give the same sound.
 */
import type { ShortTimeFourier } from './short-time-fourier.ts';

/** How {@link griffinLim} works. */
export interface GriffinLimOptions {
  /** Samples to give back. */
  readonly length: number;
  /** How often back and forth. Default 60. */
  readonly iterations?: number;
  /** 0 (the method of 1984) to 1; default 0.99, as the paper of 2013 found best. */
  readonly momentum?: number;
}

/**
 * A sound from magnitudes.
 *
 * @param magnitudes `[frames, bins]` of the transform
 * @returns `length` samples
 */
export function griffinLim(
  magnitudes: Float64Array,
  fourier: ShortTimeFourier,
  { length, iterations = 60, momentum = 0.99 }: GriffinLimOptions,
): Float64Array {
  const { bins } = fourier;
  const frames = magnitudes.length / bins;
  const data = new Float64Array(magnitudes.length * 2);
  for (let index = 0; index < magnitudes.length; index++) data[2 * index] = magnitudes[index]!;
  const back = momentum / (1 + momentum); // only directions count, so t = c + m (c - before) shrinks to c - back * before
  let before: Float64Array = new Float64Array(data.length);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const consistent = fourier.forward(fourier.inverse({ frames, bins, data }, length), { frames }).data;
    for (let index = 0; index < magnitudes.length; index++) {
      const real = consistent[2 * index]! - back * before[2 * index]!;
      const imaginary = consistent[2 * index + 1]! - back * before[2 * index + 1]!;
      const factor = magnitudes[index]! / (Math.sqrt(real * real + imaginary * imaginary) + 1e-16);
      data[2 * index] = real * factor;
      data[2 * index + 1] = imaginary * factor;
    }
    before = consistent;
  }
  return fourier.inverse({ frames, bins, data }, length);
}
