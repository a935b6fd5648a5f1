import type { DenoisingEstimate, NoiseLevel, PredictionType } from '@transfuse/core/contracts';
import { float32, float64, type Formula, rounded } from '@transfuse/core/elements';
import { elementKernel } from '../element-kernel.ts';
import { kernelFamily } from '../kernel-family.ts';
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

const { plus, minus, times, over } = float32;

const noiseSlope = elementKernel({ arrays: ['u', 'noise'], numbers: ['sigma'] }, ({ u, noise, sigma }) => ({
  slope: over(minus(u, minus(u, times(sigma, noise))), sigma),
}));

/** The slope at the point, (u - clean) / sigma, a new array: what {@link heldClean} and then `slopeAt` give. */
export function heldSlope(point: EstimatePoint): Float32Array {
  if (point.held !== 'noise') return slopeAt(point.u, heldClean(point), point.sigma);
  return noiseSlope({ u: point.u, noise: point.estimate.noise }, { sigma: point.sigma }).slope;
}

const noiseRemoved = elementKernel({ arrays: ['u', 'noise'], numbers: ['sigma'] }, ({ u, noise, sigma }) => ({
  clean: minus(u, times(sigma, noise)),
}));

/** u - sigma * noise. */
export function cleanOfNoise(u: Float32Array, sigma: number, noise: Float32Array): Float32Array {
  return noiseRemoved({ u, noise }, { sigma }).clean;
}

/** The velocity that an estimate was made from, exact but for its last rounding: of the noise, or of the clean data. */
const velocityOf = {
  noise: (noise: Formula, latent: Formula, { alpha, deviation }: LevelParts) =>
    rounded(float64.over(float64.minus(noise, float64.times(deviation, latent)), alpha)),
  clean: (clean: Formula, latent: Formula, { alpha, deviation }: LevelParts) =>
    rounded(float64.over(float64.minus(float64.times(alpha, latent), clean), deviation)),
};

interface LevelParts {
  readonly alpha: Formula;
  readonly deviation: Formula;
}

const cleanOf = kernelFamily((part: 'noise' | 'clean') =>
  elementKernel(
    { arrays: ['u', 'latent', 'known'], numbers: ['spread', 'factor', 'alpha', 'deviation'] },
    ({ u, latent, known, spread, factor, alpha, deviation }) => ({
      clean: plus(times(velocityOf[part](known, latent, { alpha, deviation }), factor), over(u, spread)),
    }),
  ),
);

/** -sigma / sqrt(sigma² + 1) * velocity + u / (sigma² + 1), with the velocity that the estimate was made from. */
function cleanOfVelocity({ u, latent, sigma, level, estimate }: EstimatePoint): Float32Array {
  const spread = fround(fround(sigma * sigma) + 1);
  const factor = fround(-sigma / fround(Math.sqrt(spread)));
  // The velocity is read from the half of the estimate that holds more digits of it.
  const part = sigma < 1 ? 'noise' : 'clean';
  const numbers = { spread, factor, alpha: level.alpha, deviation: level.sigma };
  return cleanOf(part)({ u, latent, known: estimate[part] }, numbers).clean;
}
