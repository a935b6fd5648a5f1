import { constant, float32 } from '@transfuse/core/elements';
import { elementKernel } from '../element-kernel.ts';

// The arithmetic of steps in the space of sigma, element by element, rounded to float32 after every operation and in the
// order of diffusers. Every function returns a new array.

const { plus, minus, times, over } = float32;

const slopeKernel = elementKernel({ arrays: ['u', 'clean'], numbers: ['sigma'] }, ({ u, clean, sigma }) => ({
  slope: over(minus(u, clean), sigma),
}));

/** The slope du/dsigma, (u - clean) / sigma. */
export function slopeAt(u: Float32Array, clean: Float32Array, sigma: number): Float32Array {
  return slopeKernel({ u, clean }, { sigma }).slope;
}

const followKernel = elementKernel({ arrays: ['u', 'slope'], numbers: ['width'] }, ({ u, slope, width }) => ({
  next: plus(u, times(slope, width)),
}));

/** Along a slope: u + slope * width. */
export function follow(u: Float32Array, slope: Float32Array, width: number): Float32Array {
  return followKernel({ u, slope }, { width }).next;
}

const followMeanKernel = elementKernel(
  { arrays: ['u', 'first', 'second'], numbers: ['width'] },
  ({ u, first, second, width }) => ({
    next: plus(u, times(over(plus(first, second), constant(2)), width)),
  }),
);

/** Along the mean of two slopes: u + (first + second) / 2 * width. */
export function followMean(
  u: Float32Array,
  [first, second]: readonly [Float32Array, Float32Array],
  width: number,
): Float32Array {
  return followMeanKernel({ u, first, second }, { width }).next;
}

const noisedKernel = elementKernel(
  { arrays: ['u', 'noise'], numbers: ['kept', 'factor', 'deviation'] },
  ({ u, noise, kept, factor, deviation }) => ({
    next: plus(times(kept, u), times(times(noise, factor), deviation)),
  }),
);

/** With noise on it: kept * u + (noise * factor) * deviation; `kept` is 1 save on straight paths. */
export function noised(
  u: Float32Array,
  noise: Float32Array,
  weights: { readonly kept?: number; readonly factor?: number; readonly deviation: number },
): Float32Array {
  const { kept = 1, factor = 1, deviation } = weights;
  return noisedKernel({ u, noise }, { kept, factor, deviation }).next;
}

const blendedKernel = elementKernel(
  { arrays: ['u', 'clean', 'noise'], numbers: ['latent', 'held', 'path'] },
  ({ u, clean, noise, latent, held, path }) => ({
    next: plus(plus(times(latent, u), times(held, clean)), times(noise, path)),
  }),
);

/** latentWeight * u + cleanWeight * clean + pathWeight * noise, from the left, a new array. */
export function blended(
  u: Float32Array,
  clean: Float32Array,
  noise: Float32Array,
  weights: { readonly latent: number; readonly clean: number; readonly path: number },
): Float32Array {
  const { latent, clean: held, path } = weights;
  return blendedKernel({ u, clean, noise }, { latent, held, path }).next;
}
