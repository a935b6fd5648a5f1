// The arithmetic of steps in the space of sigma, element by element, rounded to float32 after every operation and in the
// order of diffusers. Every function returns a new array, or writes over the one it is told to, which may be one it reads.

const { fround } = Math;

/** The slope du/dsigma, (u - clean) / sigma. */
export function slopeAt(u: Float32Array, clean: Float32Array, sigma: number): Float32Array {
  const slope = new Float32Array(u.length);
  for (let i = 0; i < slope.length; i += 1) slope[i] = fround(u[i]! - clean[i]!) / sigma;
  return slope;
}

/** Along a slope: u + slope * width. */
export function follow(
  u: Float32Array,
  slope: Float32Array,
  width: number,
  into: Float32Array = new Float32Array(u.length),
): Float32Array {
  for (let i = 0; i < into.length; i += 1) into[i] = u[i]! + fround(slope[i]! * width);
  return into;
}

/** Along the mean of two slopes: u + (first + second) / 2 * width. */
export function followMean(
  u: Float32Array,
  slopes: readonly [Float32Array, Float32Array],
  width: number,
  into: Float32Array = new Float32Array(u.length),
): Float32Array {
  const [first, second] = slopes;
  for (let i = 0; i < into.length; i += 1) {
    into[i] = u[i]! + fround(fround(fround(first[i]! + second[i]!) / 2) * width);
  }
  return into;
}

/** With noise on it: kept * u + (noise * factor) * deviation; `kept` is 1 save on straight paths. */
export function noised(
  u: Float32Array,
  noise: Float32Array,
  weights: { readonly kept?: number; readonly factor?: number; readonly deviation: number },
  into: Float32Array = new Float32Array(u.length),
): Float32Array {
  const { kept = 1, factor = 1, deviation } = weights;
  if (kept === 1 && factor === 1) {
    for (let i = 0; i < into.length; i += 1) into[i] = u[i]! + fround(noise[i]! * deviation);
    return into;
  }
  for (let i = 0; i < into.length; i += 1) {
    into[i] = fround(kept * u[i]!) + fround(fround(noise[i]! * factor) * deviation);
  }
  return into;
}

/** latentWeight * u + cleanWeight * clean + pathWeight * noise, from the left, a new array. */
export function blended(
  u: Float32Array,
  clean: Float32Array,
  noise: Float32Array,
  weights: { readonly latent: number; readonly clean: number; readonly path: number },
): Float32Array {
  const { latent, clean: held, path } = weights;
  const next = new Float32Array(u.length);
  for (let i = 0; i < next.length; i += 1) {
    next[i] = fround(fround(latent * u[i]!) + fround(held * clean[i]!)) + fround(noise[i]! * path);
  }
  return next;
}
