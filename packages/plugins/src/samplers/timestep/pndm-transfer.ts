import type { NoiseLevel } from '@transfuse/core/contracts';
import { float32 } from '@transfuse/core/elements';
import { elementKernel } from '../element-kernel.ts';
import type { ChainPrecision } from '../timestep-chain.ts';
import { weightedSum } from '../weighted-sum.ts';

// The move of a pseudo numerical method (Liu et al. 2022, equation 11), DDIM's: latent and output decide a clean sample
// and a noise, and these are laid together again at the next level, next = alpha' * clean + sigma' * noise. Written for
// noise in a variance-preserving chain, with a = alpha²: next = sqrt(a' / a) latent - (a' - a) / d noise, where
// d = a sqrt(1 - a') + sqrt(a (1 - a) a'). Where a is near 0 both terms are large and nearly cancel, and in diffusers the
// roundings of every element show; over the chains it has they are made here too.

/** What is moved by, and how it is calculated. */
export interface PndmTransferOptions {
  readonly combines: 'noise' | 'velocity';
  readonly precision: ChainPrecision;
}

/** Carries a latent at level `from` to level `to` along an output, in a new array. */
export function pndmTransfer(
  levels: { readonly from: NoiseLevel; readonly to: NoiseLevel },
  options: PndmTransferOptions,
  latent: Float32Array,
  output: Float32Array,
): Float32Array {
  const { from, to } = levels;
  if (options.precision === 'single' && from.alpha > 0) return roundedTransfer(levels, options, latent, output);
  // The objective's algebra: latent = alpha clean + sigma noise and output = a clean + b noise, solved for both.
  const { clean: a, noise: b } = options.combines === 'noise' ? { clean: 0, noise: 1 } : from.velocity;
  const determinant = a * from.sigma - b * from.alpha;
  return weightedSum([
    [(a * to.sigma - b * to.alpha) / determinant, latent],
    [(from.sigma * to.alpha - from.alpha * to.sigma) / determinant, output],
  ]);
}

function roundedTransfer(
  { from, to }: { readonly from: NoiseLevel; readonly to: NoiseLevel },
  { combines }: PndmTransferOptions,
  latent: Float32Array,
  output: Float32Array,
): Float32Array {
  const { fround, sqrt } = Math;
  const [a, next] = [fround(from.alpha ** 2), fround(to.alpha ** 2)];
  const [b, nextNoise] = [fround(1 - a), fround(1 - next)];
  const [alpha, sigma] = [fround(sqrt(a)), fround(sqrt(b))];
  const scale = fround(sqrt(fround(next / a)));
  const risen = fround(next - a);
  const divisor = fround(fround(a * fround(sqrt(nextNoise))) + fround(sqrt(fround(fround(a * b) * next))));
  const numbers = { scale, risen, divisor };
  if (combines === 'noise') return alongNoise({ latent, output }, numbers).moved;
  return alongVelocity({ latent, output }, { ...numbers, alpha, sigma }).moved;
}

const { plus, minus, times, over } = float32;

const alongNoise = elementKernel(
  { arrays: ['latent', 'output'], numbers: ['scale', 'risen', 'divisor'] },
  ({ latent, output, scale, risen, divisor }) => ({
    moved: minus(times(scale, latent), over(times(risen, output), divisor)),
  }),
);

const alongVelocity = elementKernel(
  { arrays: ['latent', 'output'], numbers: ['scale', 'risen', 'divisor', 'alpha', 'sigma'] },
  ({ latent, output, scale, risen, divisor, alpha, sigma }) => {
    const noise = plus(times(alpha, output), times(sigma, latent));
    return { moved: minus(times(scale, latent), over(times(risen, noise), divisor)) };
  },
);
