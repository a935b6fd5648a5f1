import { type ChainLevel, type ChainPrecision, rounding } from '../timestep-chain.ts';

// The formulas behind ancestral sampling, for any Gaussian path instead of for betas (Kingma et al. 2021, appendix A).
// Forwards, a latent at a less noisy level becomes one at a noisier level by losing signal and taking fresh noise:
// x_from = sqrt(kept) * x_to + sqrt(fresh) * noise. Backwards, the less noisy latent given the noisier one and the clean
// data is normal again, q(x_to | x_from, clean) (Ho et al. 2020, equation 7). Nothing divides by the signal of the
// noisier level, so starting from pure noise needs no special case.

/** How the forward process leads from the level `to` to the noisier level `from`. */
export interface ForwardStep {
  /** Which share of the signal's variance survives, 0 to 1. */
  readonly kept: number;
  /** The variance of the noise that is added: beta in a variance-preserving chain. */
  readonly fresh: number;
}

/** Weights of the posterior's mean, and two variances. */
export interface ReversePosterior {
  /** Weight of the noisier latent in the mean. */
  readonly latent: number;
  /** Weight of the clean data in the mean. */
  readonly clean: number;
  /** The posterior's own variance: what DDPM calls the small one (beta tilde). */
  readonly variance: number;
  /** The variance that the forward process adds on the way back, the large one. */
  readonly forwardVariance: number;
}

/** The forward process between two levels. In single precision the path must be variance-preserving. */
export function forwardStep(from: ChainLevel, to: ChainLevel, precision: ChainPrecision = 'double'): ForwardStep {
  const kept = from.signal / to.signal;
  if (precision === 'double') return { kept, fresh: Math.max(0, from.noise - kept * to.noise) };
  const rounded = Math.fround(kept);
  return { kept: rounded, fresh: Math.fround(1 - rounded) };
}

/** The posterior of level `to` given a latent at the noisier level `from`. */
export function reversePosterior(
  from: ChainLevel,
  to: ChainLevel,
  precision: ChainPrecision = 'double',
): ReversePosterior {
  const round = rounding(precision);
  const { kept, fresh } = forwardStep(from, to, precision);
  return {
    latent: round(round(round(Math.sqrt(kept)) * to.noise) / from.noise),
    clean: round(round(round(Math.sqrt(to.signal)) * fresh) / from.noise),
    variance: round(round(to.noise / from.noise) * fresh),
    forwardVariance: fresh,
  };
}
