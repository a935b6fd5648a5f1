import { float32SquareRoot } from './float32-square-root.ts';
import type { NoiseAxis } from '../noise-axis.ts';

// One place on the way from noise to data, as the samplers of this family see it: they integrate over lambda, the
// logarithm of alpha / sigma, half the log signal-to-noise ratio (Lu et al. 2022, arXiv 2206.00927, section 3). The
// weights of their steps are differences of lambdas and of exponentials of them, which lose digits where steps are
// short. diffusers computes them in float32, so the same roundings are made here, at the same places.

/** A noise level in float32. */
export interface LogSnrPoint {
  /** The axis's own sigma; 0 is clean. */
  readonly measure: number;
  readonly alpha: number;
  readonly sigma: number;
  /** log(alpha) - log(sigma); Infinity where it is clean. */
  readonly lambda: number;
}

const { fround } = Math;

/** The point at a sigma of an axis. */
export function logSnrPoint(axis: NoiseAxis, measure: number): LogSnrPoint {
  const { alpha, sigma } = pair(axis, fround(measure));
  const lambda = fround(fround(Math.log(alpha)) - fround(Math.log(sigma)));
  return { measure: fround(measure), alpha, sigma, lambda };
}

function pair(axis: NoiseAxis, measure: number): { readonly alpha: number; readonly sigma: number } {
  if (axis.path === 'straight') return { alpha: fround(1 - measure), sigma: measure };
  if (axis.path === 'other') {
    const { alpha, sigma } = axis.levelOf(measure);
    return { alpha: fround(alpha), sigma: fround(sigma) };
  }
  const alpha = fround(1 / float32SquareRoot(fround(fround(measure * measure) + 1)));
  return { alpha, sigma: fround(measure * alpha) };
}

/** How many steps between points have weights: all but one that ends at clean data, which lands on the estimate. */
export function stepsToPlan(points: readonly LogSnrPoint[]): number {
  const clean = points.findIndex(isClean);
  return Math.max(0, (clean < 0 ? points.length : clean) - 1);
}

/** Whether nothing of the noise is left at a point. */
export function isClean({ measure }: LogSnrPoint): boolean {
  return measure === 0;
}
