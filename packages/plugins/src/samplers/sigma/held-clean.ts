import type { DenoisingEstimate, NoiseLevel, PredictionType } from '@transfuse/core/contracts';
import type { SigmaSpace } from './sigma-space.ts';
import { slopeAt } from './sigma-step.ts';

// The clean estimate in the space of sigma, computed the way diffusers computes it from what the network predicts. That
// library works on u = clean + sigma * noise in float32, where u may be 20000 times the data: how a difference of such
// numbers is rounded decides the third digit of what is left of it at the end, so the same operations are done here in
// the same order. Where no table of sigmas is followed, the estimate is taken as it is.

const { fround } = Math;

/** Where an estimate was made. */
export interface EstimatePoint {
  /** The latent in the space of sigma. */
  readonly u: Float32Array;
  /** What the network saw. */
  readonly latent: Float32Array;
  readonly sigma: number;
  readonly level: NoiseLevel;
  readonly estimate: DenoisingEstimate;
  /** What of the estimate is held. */
  readonly held: HeldPart;
}

/** The part of an estimate that the clean data in the space of sigma are computed from. */
export type HeldPart = 'clean' | 'noise' | 'velocity';

/** What is held of the estimates of a network. */
export function heldPart(space: SigmaSpace, prediction: PredictionType): HeldPart {
  if (!space.tabled || prediction === 'sample') return 'clean';
  return prediction === 'epsilon' ? 'noise' : 'velocity';
}

/** The clean estimate; the estimate's own array, or a new one. Not to be written to. */
export function heldClean(point: EstimatePoint): Float32Array {
  if (point.held === 'clean') return point.estimate.clean;
  return point.held === 'noise' ? cleanOfNoise(point.u, point.sigma, point.estimate.noise) : cleanOfVelocity(point);
}

/** The slope at the point, (u - clean) / sigma, a new array: what {@link heldClean} and then `slopeAt` give. */
export function heldSlope(point: EstimatePoint): Float32Array {
  if (point.held !== 'noise') return slopeAt(point.u, heldClean(point), point.sigma);
  const { u, sigma } = point;
  const { noise } = point.estimate;
  const slope = new Float32Array(u.length);
  for (let i = 0; i < slope.length; i += 1) {
    const value = u[i]!;
    slope[i] = fround(value - fround(value - fround(sigma * noise[i]!))) / sigma;
  }
  return slope;
}

/** u - sigma * noise. */
export function cleanOfNoise(u: Float32Array, sigma: number, noise: Float32Array): Float32Array {
  const clean = new Float32Array(u.length);
  for (let i = 0; i < clean.length; i += 1) clean[i] = u[i]! - fround(sigma * noise[i]!);
  return clean;
}

/** -sigma / sqrt(sigma² + 1) * velocity + u / (sigma² + 1), with the velocity that the estimate was made from. */
function cleanOfVelocity({ u, latent, sigma, level, estimate }: EstimatePoint): Float32Array {
  const spread = fround(fround(sigma * sigma) + 1);
  const factor = fround(-sigma / fround(Math.sqrt(spread)));
  const { alpha, sigma: deviation } = level;
  const { clean: held, noise } = estimate;
  const clean = new Float32Array(u.length);
  // The velocity is read from the half of the estimate that holds more digits of it.
  if (sigma < 1) {
    for (let i = 0; i < clean.length; i += 1) {
      const velocity = fround((noise[i]! - deviation * latent[i]!) / alpha);
      clean[i] = fround(velocity * factor) + fround(u[i]! / spread);
    }
    return clean;
  }
  for (let i = 0; i < clean.length; i += 1) {
    const velocity = fround((alpha * latent[i]! - held[i]!) / deviation);
    clean[i] = fround(velocity * factor) + fround(u[i]! / spread);
  }
  return clean;
}
