// The arithmetic of steps in the space of sigma, element by element, rounded to float32 after every operation and in the
// order of diffusers. Every function returns a new array.

const { fround } = Math;

/** The slope du/dsigma, (u - clean) / sigma. */
export function slopeAt(u: Float32Array, clean: Float32Array, sigma: number): Float32Array {
  const slope = new Float32Array(u.length);
  for (let i = 0; i < u.length; i += 1) slope[i] = fround(u[i]! - clean[i]!) / sigma;
  return slope;
}

/** Along a slope: u + slope * width. */
export function follow(u: Float32Array, slope: Float32Array, width: number): Float32Array {
  const next = new Float32Array(u.length);
  for (let i = 0; i < u.length; i += 1) next[i] = u[i]! + fround(slope[i]! * width);
  return next;
}

/** The mean of two slopes. */
export function meanSlope(first: Float32Array, second: Float32Array): Float32Array {
  const mean = new Float32Array(first.length);
  for (let i = 0; i < first.length; i += 1) mean[i] = fround(first[i]! + second[i]!) / 2;
  return mean;
}

/** With noise on it: kept * u + (noise * factor) * deviation; `kept` is 1 save on straight paths. */
export function noised(
  u: Float32Array,
  noise: Float32Array,
  weights: { readonly kept?: number; readonly factor?: number; readonly deviation: number },
): Float32Array {
  const { kept = 1, factor = 1, deviation } = weights;
  const next = new Float32Array(u.length);
  for (let i = 0; i < u.length; i += 1) {
    next[i] = fround(kept * u[i]!) + fround(fround(noise[i]! * factor) * deviation);
  }
  return next;
}

/** latentWeight * u + cleanWeight * clean. */
export function blended(
  u: Float32Array,
  clean: Float32Array,
  weights: { readonly latent: number; readonly clean: number },
): Float32Array {
  const { latent: latentWeight, clean: cleanWeight } = weights;
  const next = new Float32Array(u.length);
  for (let i = 0; i < u.length; i += 1) next[i] = fround(latentWeight * u[i]!) + fround(cleanWeight * clean[i]!);
  return next;
}
