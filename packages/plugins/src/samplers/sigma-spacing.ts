import { betaQuantile } from './beta-quantile.ts';

// How the noise levels of a run may be spread instead of following the training timesteps. All go from `largest` down to
// `smallest` in `steps` numbers, both ends included:
//   karras       evenly in sigma^(1 / rho) (Karras et al. 2022, equation 5; rho 7)
//   exponential  evenly in log sigma
//   beta         by quantiles of the Beta distribution, denser at both ends (Lee et al. 2024, arXiv 2407.12173)
//   lu           evenly in the log of the signal-to-noise ratio (Lu et al. 2022), which is evenly in log sigma too

/** The ways of spreading. `training` keeps the levels of the training timesteps. */
export type SigmaSpacing = 'training' | 'karras' | 'exponential' | 'beta' | 'lu';

/** All ways, for choice settings and schemas. */
export const sigmaSpacings: readonly SigmaSpacing[] = ['training', 'karras', 'exponential', 'beta', 'lu'];

/** What a spacing goes between. */
export interface SigmaRange {
  readonly steps: number;
  readonly largest: number;
  readonly smallest: number;
}

/** Falling sigmas, spread as asked. */
export function spacedSigmas(spacing: Exclude<SigmaSpacing, 'training'>, range: SigmaRange): number[] {
  if (spacing === 'karras') return karrasSigmas(range);
  if (spacing === 'beta') return betaSigmas(range);
  return exponentialSigmas(range);
}

/** Evenly in the rho-th root. */
function karrasSigmas({ steps, largest, smallest }: SigmaRange, rho = 7): number[] {
  const [from, to] = [largest ** (1 / rho), smallest ** (1 / rho)];
  return ramp(steps).map((part) => (from + part * (to - from)) ** rho);
}

/** Evenly in the logarithm. */
function exponentialSigmas({ steps, largest, smallest }: SigmaRange): number[] {
  const [from, to] = [Math.log(largest), Math.log(smallest)];
  return ramp(steps).map((part) => Math.exp(from + part * (to - from)));
}

/** By the quantiles of Beta(alpha, beta). */
function betaSigmas({ steps, largest, smallest }: SigmaRange, alpha = 0.6, beta = 0.6): number[] {
  return ramp(steps).map((part) => smallest + betaQuantile(1 - part, alpha, beta) * (largest - smallest));
}

/** 0 to 1 in equal parts; a single number is 0. */
function ramp(steps: number): number[] {
  return Array.from({ length: steps }, (_, i) => (steps === 1 ? 0 : i / (steps - 1)));
}
