import type { Level } from './trajectory.ts';

// The one formula behind ancestral sampling: the distribution of the less noisy latent given the noisier one and the
// clean data, q(x_to | x_from, clean) (Ho et al. 2020, equation 7), written for any Gaussian path instead of for betas
// (Kingma et al. 2021, appendix A). With r = alpha_from * sigma_to / (alpha_to * sigma_from), which is 0 where nothing is
// left of the signal or nothing of the noise, and below 1 in between:
//   mean      r * sigma_to / sigma_from * x_from + alpha_to * (1 - r²) * clean
//   variance  sigma_to² * (1 - r²)
// Nothing divides by alpha_from, so starting from pure noise needs no special case.

/** Weights of the mean, and two variances. */
export interface ReversePosterior {
  /** Weight of the noisier latent in the mean. */
  readonly latent: number;
  /** Weight of the clean data in the mean. */
  readonly clean: number;
  /** The posterior's own variance: what DDPM calls the small one (beta tilde). */
  readonly variance: number;
  /** The variance that the forward process adds on the way back, the large one: beta in a variance-preserving chain. */
  readonly forwardVariance: number;
}

/** The posterior of level `to` given a latent at the noisier level `from`. */
export function reversePosterior(from: Level, to: Level): ReversePosterior {
  const ratio = (from.alpha * to.sigma) / (to.alpha * from.sigma);
  const fresh = 1 - ratio ** 2;
  return {
    latent: (ratio * to.sigma) / from.sigma,
    clean: to.alpha * fresh,
    variance: to.sigma ** 2 * fresh,
    forwardVariance: from.sigma ** 2 * fresh,
  };
}
