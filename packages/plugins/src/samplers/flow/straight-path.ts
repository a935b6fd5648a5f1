import type { DenoisingEstimate } from '@transfuse/core/contracts';
import { float64 } from '@transfuse/core/elements';
import { elementKernel } from '../element-kernel.ts';
import { weightedSum } from '../weighted-sum.ts';

// Arithmetic on latents along a straight path, y = (1 - share) * clean + share * noise, whose velocity over the share is
// noise - clean. A latent of any path lies on it after division by alpha + sigma.

const { plus, minus, times } = float64;

const movedKernel = elementKernel(
  { arrays: ['latent', 'clean', 'noise'], numbers: ['keep', 'change'] },
  ({ latent, clean, noise, keep, change }) => ({
    next: plus(times(keep, latent), times(change, minus(noise, clean))),
  }),
);

/** `keep * latent + change * (noise - clean)`, a new array. */
export function moved(
  latent: Float32Array,
  { clean, noise }: DenoisingEstimate,
  weights: { readonly keep: number; readonly change: number },
): Float32Array {
  return movedKernel({ latent, clean, noise }, weights).next;
}

/** A latent at a level, `alpha * clean + sigma * noise`, a new array. */
export function mixed(
  level: { readonly alpha: number; readonly sigma: number },
  clean: Float32Array,
  noise: Float32Array,
): Float32Array {
  return weightedSum([
    [level.alpha, clean],
    [level.sigma, noise],
  ]);
}
