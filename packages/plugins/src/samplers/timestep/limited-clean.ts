import type { DenoisingEstimate, NoiseLevel } from '@transfuse/core/contracts';
import { type CleanLimit, limitClean } from '../clean-limit.ts';

// The clean estimate within its limit, also where it came from predicted noise and nothing is left of the signal (the
// last timestep of a chain with zero terminal SNR). There (latent - noise) / 0 is infinite, so its limit is the bound,
// with the sign of the difference; without a limit the estimate stays at 0, the mean of data.

/** The clean estimate, kept in range. The arguments stay as they are; without a limit the result is `estimate.clean` itself. */
export function limitedClean(
  latent: Float32Array,
  estimate: DenoisingEstimate,
  level: NoiseLevel,
  limit: CleanLimit,
): Float32Array {
  const clean = limitClean(estimate, limit);
  if (level.alpha !== 0 || limit.limit === 'none') return clean;
  const bound = limit.limit === 'clip' ? limit.limitRange : 1;
  return clean.map((value, i) => {
    const unexplained = latent[i]! - level.sigma * estimate.noise[i]!; // 0 unless the noise was predicted
    return unexplained === 0 ? value : Math.sign(unexplained) * bound;
  });
}
