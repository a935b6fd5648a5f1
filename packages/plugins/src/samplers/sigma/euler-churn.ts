import type { SigmaPoint } from './sigma-run.ts';
import type { PredictionType } from '@transfuse/core/contracts';
import { float64 } from '@transfuse/core/elements';
import { elementKernel } from '../element-kernel.ts';
import { cleanOfNoise, heldClean, heldSlope } from './held-clean.ts';
import { churnedLevel, type NoiseChurn, withChurn } from '../noise-churn.ts';
import type { SigmaSpace } from './sigma-space.ts';
import { noised, slopeAt } from './sigma-step.ts';

// Churn before an Euler step (Karras et al. 2022, algorithm 2): fresh noise raises sigma to a higher one, from which the
// step goes down. As in diffusers the network has been asked before the noise was added, so something of its answer must
// be held while the latent moves, and that is what it predicts. Over a straight path, where noise also takes the place of
// signal, it is the clean estimate.

const { plus, minus, over } = float64;

/** Where an Euler step starts from. */
export interface RaisedPoint {
  readonly u: Float32Array;
  readonly sigma: number;
  /** The slope there, a new array. */
  readonly slope: Float32Array;
}

/** Raises a point at a sigma, in a run of so many sigmas below the first; the same point where no noise is due. */
export function raisedPoint(
  space: SigmaSpace,
  point: SigmaPoint,
  at: { readonly sigma: number; readonly count: number; readonly prediction: PredictionType },
  churn: NoiseChurn,
): RaisedPoint {
  const level = churnedLevel(churn, at.sigma, at.count);
  const { sigma, draws } = level;
  if (!draws || (space.straight && at.sigma >= 1)) return { u: point.u, sigma: at.sigma, slope: heldSlope(point) };
  const { u, estimate } = point;
  const fresh = point.noise();
  if (space.straight) {
    const raised = Math.min(1, sigma);
    const kept = (1 - raised) / (1 - at.sigma);
    const deviation = Math.sqrt(Math.max(0, raised ** 2 - (kept * at.sigma) ** 2));
    const mixed = noised(u, fresh, { kept, factor: churn.churnNoise, deviation });
    return { u: mixed, sigma: raised, slope: slopeAt(mixed, heldClean(point), raised) };
  }
  const lifted = withChurn(u, fresh, level);
  const { prediction } = at;
  if (prediction === 'epsilon') {
    return { u: lifted, sigma, slope: slopeAt(lifted, cleanOfNoise(lifted, sigma, estimate.noise), sigma) };
  }
  const clean = prediction === 'sample' ? heldClean(point) : followed(heldClean(point), point, lifted);
  return { u: lifted, sigma, slope: slopeAt(lifted, clean, sigma) };
}

const followedKernel = elementKernel(
  { arrays: ['clean', 'u', 'lifted'], numbers: ['spread'] },
  ({ clean, u, lifted, spread }) => ({ next: plus(clean, over(minus(lifted, u), spread)) }),
);

/** The clean estimate of a held velocity after u was lifted, a new array. */
function followed(clean: Float32Array, { u, sigma }: SigmaPoint, lifted: Float32Array): Float32Array {
  return followedKernel({ clean, u, lifted }, { spread: sigma * sigma + 1 }).next;
}
