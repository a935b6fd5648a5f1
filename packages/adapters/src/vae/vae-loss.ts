/**
 * What an AutoencoderKL is trained on: the absolute error of the picture decoded from a draw of its posterior, the
 * divergence of that posterior from the unit normal distribution (Rombach et al. 2022, without the perceptual and the
 * adversarial term), and where asked for the squared error too.
 */
import { abs, add, div, mean, mul, square, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { NamedTensors } from '@transfuse/core/contracts';
import { decodeKl, encodeKl } from './autoencoder-kl.ts';
import type { AutoencoderKlConfig } from './autoencoder-kl-config.ts';
import { divergenceFromNormal, posterior, samplePosterior } from './posterior.ts';

/** How much each part counts. */
export interface VaeLossWeights {
  /** Of the mean absolute error; default 1. */
  readonly reconstruction?: number;
  /** Of the mean squared error, which pulls at large errors, such as a wrong colour, the most; default 0. */
  readonly squared?: number;
  /** Default 1e-6, as latent diffusion was trained. */
  readonly divergence?: number;
}

/** The loss and its parts, each `[]`. */
export interface VaeLoss {
  /** The weighted sum of the parts. */
  readonly loss: Tensor;
  /** Mean absolute error of a pixel's channel. */
  readonly reconstruction: Tensor;
  /** Nats per picture, divided by the picture's count of numbers, so that both parts are per number. */
  readonly divergence: Tensor;
}

/**
 * The loss of a batch, differentiable in the parameters.
 *
 * `pixels` are `[B, H, W, C]` in [-1, 1]; the configuration has as many channels out as in
 * `noise` is `[B, h, w, latentChannels]`, unit normal, for the draw from the posterior
 */
export function vaeLoss(
  params: NamedTensors,
  config: AutoencoderKlConfig,
  { pixels, noise }: { readonly pixels: Tensor; readonly noise: Tensor },
  weights: VaeLossWeights = {},
): VaeLoss {
  const encoded = posterior(encodeKl(params, config, pixels));
  const decoded = decodeKl(params, config, samplePosterior(encoded, noise));
  const error = sub(pixels, decoded);
  const reconstruction = mean(abs(error));
  const divergence = div(mean(divergenceFromNormal(encoded)), pixels.size / pixels.shape[0]!);
  const plain = add(mul(reconstruction, weights.reconstruction ?? 1), mul(divergence, weights.divergence ?? 1e-6));
  const { squared = 0 } = weights;
  const loss = squared === 0 ? plain : add(plain, mul(mean(square(error)), squared));
  return { loss, reconstruction, divergence };
}
