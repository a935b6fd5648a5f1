import { float32SquareRoot } from './float32-square-root.ts';
import type { LogSnrPoint } from './log-snr-point.ts';

// The weights in a step of DPM-Solver. The exact solution over a step is the scaled latent plus an integral of the
// network's estimate against an exponential of lambda; with the estimate as a polynomial in lambda, its value and
// derivatives come out times fixed numbers. Four forms, over h, the step in lambda:
//   dpmsolver        the noise is integrated (Lu et al. 2022, arXiv 2206.00927, equation 3.6)
//   dpmsolver++      the clean data are (Lu et al. 2022, arXiv 2211.01095, equation 9)
//   sde-dpmsolver, sde-dpmsolver++  the same two along the reverse SDE (the latter paper, section 5 and appendix A)
// Rounded to float32 at every operation, as diffusers computes them.

/** The forms of the solver. */
export type DpmAlgorithm = 'dpmsolver' | 'dpmsolver++' | 'sde-dpmsolver' | 'sde-dpmsolver++';

/** All forms, for choice settings and schemas. */
export const dpmAlgorithms: readonly DpmAlgorithm[] = ['dpmsolver++', 'dpmsolver', 'sde-dpmsolver++', 'sde-dpmsolver'];

/** Whether a form integrates the clean estimate; else the noise. */
export function integratesClean(algorithm: DpmAlgorithm): boolean {
  return algorithm === 'dpmsolver++' || algorithm === 'sde-dpmsolver++';
}

/** Weights of a step from one point to another. */
export interface DpmIntegrals {
  /** The step in lambda. */
  readonly h: number;
  /** Of the latent. */
  readonly latent: number;
  /** Of the estimate. */
  readonly value: number;
  /** Of its slope in units of h, taken at the middle of the step: half of `value`. */
  readonly middle: number;
  /** Of its slope in units of h, exactly. */
  readonly slope: number;
  /** Of its curvature in units of h squared. */
  readonly curvature: number;
  /** Of fresh unit noise. */
  readonly noise: number;
}

const f = Math.fround;
const exp = (x: number) => f(Math.exp(x));

/** The weights of a step between two points, neither of them clean. */
export function dpmIntegrals(algorithm: DpmAlgorithm, from: LogSnrPoint, to: LogSnrPoint): DpmIntegrals {
  const h = f(to.lambda - from.lambda);
  switch (algorithm) {
    case 'dpmsolver++': {
      const left = f(exp(-h) - 1);
      const value = -f(to.alpha * left);
      return {
        h,
        latent: f(to.sigma / from.sigma),
        value,
        middle: 0.5 * value,
        slope: f(to.alpha * f(f(left / h) + 1)),
        curvature: -f(to.alpha * f(f(f(left + h) / f(h * h)) - 0.5)),
        noise: 0,
      };
    }
    case 'dpmsolver': {
      const grown = f(exp(h) - 1);
      const value = -f(to.sigma * grown);
      return {
        h,
        latent: f(to.alpha / from.alpha),
        value,
        middle: 0.5 * value,
        slope: -f(to.sigma * f(f(grown / h) - 1)),
        curvature: -f(to.sigma * f(f(f(grown - h) / f(h * h)) - 0.5)),
        noise: 0,
      };
    }
    case 'sde-dpmsolver++': {
      const doubled = f(-2 * h);
      const left = f(1 - exp(doubled));
      const value = f(to.alpha * left);
      return {
        h,
        latent: f(f(to.sigma / from.sigma) * exp(-h)),
        value,
        middle: 0.5 * value,
        slope: f(to.alpha * f(f(left / doubled) + 1)),
        curvature: f(to.alpha * f(f(f(left + doubled) / f(doubled * doubled)) - 0.5)),
        noise: f(to.sigma * float32SquareRoot(left)),
      };
    }
    case 'sde-dpmsolver': {
      const grown = f(exp(h) - 1);
      const half = f(to.sigma * grown);
      return {
        h,
        latent: f(to.alpha / from.alpha),
        value: -2 * half,
        middle: -half,
        slope: -2 * f(to.sigma * f(f(grown / h) - 1)),
        curvature: 0, // not known for this form
        noise: f(to.sigma * float32SquareRoot(f(exp(f(2 * h)) - 1))),
      };
    }
  }
}
