import type { DenoisingEstimate, NoiseLevel, PredictionType } from '@transfuse/core/contracts';
import type { SigmaSpace } from './sigma-space.ts';

// The clean estimate in the space of sigma, computed the way diffusers computes it from what the network predicts. That
// library works on u = clean + sigma * noise in float32, where u may be 20000 times the data: how a difference of such
// numbers is rounded decides the third digit of what is left of it at the end, so the same operations are done here in
// the same order. Where no table of sigmas is followed, the estimate is taken as it is.

/** Where an estimate was made. */
export interface EstimatePoint {
  /** The latent in the space of sigma. */
  readonly u: Float32Array;
  /** What the network saw. */
  readonly latent: Float32Array;
  readonly sigma: number;
  readonly level: NoiseLevel;
  readonly estimate: DenoisingEstimate;
}

/** The clean estimate; the estimate's own array, or a new one. */
export function heldClean(space: SigmaSpace, point: EstimatePoint, prediction: PredictionType): Float32Array {
  if (!space.tabled || prediction === 'sample') return point.estimate.clean;
  return prediction === 'epsilon' ? cleanOfNoise(point.u, point.sigma, point.estimate.noise) : cleanOfVelocity(point);
}

/** u - sigma * noise. */
export function cleanOfNoise(u: Float32Array, sigma: number, noise: Float32Array): Float32Array {
  const clean = new Float32Array(u.length);
  for (let i = 0; i < u.length; i += 1) clean[i] = u[i]! - Math.fround(sigma * noise[i]!);
  return clean;
}

/** -sigma / sqrt(sigma² + 1) * velocity + u / (sigma² + 1), with the velocity that the estimate was made from. */
function cleanOfVelocity({ u, latent, sigma, level, estimate }: EstimatePoint): Float32Array {
  const { fround } = Math;
  const spread = fround(fround(sigma * sigma) + 1);
  const factor = fround(-sigma / fround(Math.sqrt(spread)));
  const { alpha, sigma: deviation } = level;
  const clean = new Float32Array(u.length);
  for (let i = 0; i < u.length; i += 1) {
    // Read from the half of the estimate that holds more digits of it.
    const velocity =
      sigma < 1
        ? (estimate.noise[i]! - deviation * latent[i]!) / alpha
        : (alpha * latent[i]! - estimate.clean[i]!) / deviation;
    clean[i] = fround(fround(velocity) * factor) + fround(u[i]! / spread);
  }
  return clean;
}
