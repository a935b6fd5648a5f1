// The time axis of EDM (Karras et al. 2022, arXiv 2206.00364, equation 5): the noise levels sigma that a sampler visits
// are evenly spaced in sigma^(1 / rho). Read as a function of time in [0, 1], from the smallest sigma to the largest, the
// same formula serves training and sampling, and its inverse turns a drawn sigma into a time.

/** The noise levels that times 0 and 1 stand for, and how they are spread between. */
export interface EdmSigmaRange {
  /** Sigma at time 0, in units of the data, above 0. @default 0.002 */
  readonly sigmaMin?: number;
  /** Sigma at time 1, above sigmaMin. @default 80 */
  readonly sigmaMax?: number;
  /** The larger, the more of the times go to small sigmas; at least 1, where they are spread evenly. @default 7 */
  readonly rho?: number;
}

/** The defaults of {@link EdmSigmaRange}: the paper's. */
export const edmSigmaDefaults = { sigmaMin: 0.002, sigmaMax: 80, rho: 7 } as const;

/**
 * The sigma that a time in [0, 1] stands for: sigmaMin at 0, sigmaMax at 1, rising.
 *
 * @example
 * ```ts
 * import { edmSigmaOfTime, edmTimeOfSigma } from '@transfuse/plugins/schedules';
 * console.assert(Math.abs(edmSigmaOfTime(1) - 80) < 1e-9 && Math.abs(edmTimeOfSigma(0.002)) < 1e-9);
 * console.assert(Math.abs(edmTimeOfSigma(edmSigmaOfTime(0.3)) - 0.3) < 1e-9);
 * ```
 */
export function edmSigmaOfTime(time: number, range: EdmSigmaRange = {}): number {
  const { low, high, rho } = roots(range);
  return (low + time * (high - low)) ** rho;
}

/** The time that a sigma above 0 stands at, the inverse of {@link edmSigmaOfTime}: outside [0, 1] for a sigma out of range. */
export function edmTimeOfSigma(sigma: number, range: EdmSigmaRange = {}): number {
  const { low, high, rho } = roots(range);
  return (sigma ** (1 / rho) - low) / (high - low);
}

function roots({ sigmaMin, sigmaMax, rho }: EdmSigmaRange): { low: number; high: number; rho: number } {
  const power = rho ?? edmSigmaDefaults.rho;
  return {
    low: (sigmaMin ?? edmSigmaDefaults.sigmaMin) ** (1 / power),
    high: (sigmaMax ?? edmSigmaDefaults.sigmaMax) ** (1 / power),
    rho: power,
  };
}
