/**
 * The Gaussian that an AutoencoderKL encodes a picture to: independent for every number of the latent, with a mean and
 * a variance of its own (Kingma and Welling 2014). Logarithms of variances are clamped to [-30, 20].
 */
import { add, clipByValue, exp, mul, slice, square, sub, sum, type Tensor } from '@tensorflow/tfjs-core';

/** Bounds of the logarithm of a variance. */
export const logVarianceBounds = [-30, 20] as const;

/** A Gaussian per number. */
export interface Posterior {
  /** `[B, h, w, C]`, its mode as well */
  readonly mean: Tensor;
  /** `[B, h, w, C]` */
  readonly logVariance: Tensor;
}

/** Takes the encoder's moments apart. @param moments `[B, h, w, 2 C]` */
export function posterior(moments: Tensor): Posterior {
  const [batch, height, width, both] = moments.shape as [number, number, number, number];
  const half = (begin: number) => slice(moments, [0, 0, 0, begin], [batch, height, width, both / 2]);
  return { mean: half(0), logVariance: clipByValue(half(both / 2), ...logVarianceBounds) };
}

/** A draw, differentiable in the moments. @param noise `[B, h, w, C]`, unit normal @returns `[B, h, w, C]` */
export function samplePosterior({ mean, logVariance }: Posterior, noise: Tensor): Tensor {
  return add(mean, mul(exp(mul(logVariance, 0.5)), noise));
}

/** The Kullback-Leibler divergence from the unit normal distribution. @returns `[B]`, nats per picture */
export function divergenceFromNormal({ mean, logVariance }: Posterior): Tensor {
  const perNumber = sub(add(square(mean), exp(logVariance)), add(logVariance, 1));
  return mul(sum(perNumber, [1, 2, 3]), 0.5);
}
