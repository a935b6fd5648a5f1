/**
 * What an AutoencoderKL is trained on (Rombach et al. 2022, appendix G): the absolute error of the picture decoded from a
 * draw of its posterior, how different the two look, the divergence of that posterior from the unit normal distribution,
 * and where asked for the squared error too. The adversarial term has a file of its own.
 */
import { abs, add, addN, div, mean, mul, square, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { NamedTensors } from '@transfuse/core/contracts';
import { decodeFeaturesKl, encodeKl, paintKl } from './autoencoder-kl.ts';
import type { AutoencoderKlConfig } from './autoencoder-kl-config.ts';
import { perceptualDistance } from './perceptual-distance.ts';
import { divergenceFromNormal, posterior, samplePosterior } from './posterior.ts';

/** How much each part counts. */
export interface VaeLossWeights {
  /** Of the mean absolute error; default 1. */
  readonly reconstruction?: number;
  /** Of the mean squared error, which pulls at large errors, such as a wrong colour, the most; default 0. */
  readonly squared?: number;
  /** Default 1e-6, as latent diffusion was trained. */
  readonly divergence?: number;
  /** Of the perceptual distance, where there is a network for it; default 1. */
  readonly perceptual?: number;
}

/** Pictures, and what their posteriors are drawn with. */
export interface VaeBatch {
  /** `[B, H, W, C]` in [-1, 1]; the autoencoder has as many channels out as in. */
  readonly pixels: Tensor;
  /** `[B, h, w, latentChannels]`, unit normal. */
  readonly noise: Tensor;
}

/** The loss and its parts, each `[]`. */
export interface VaeLoss {
  /** The weighted sum of the parts. */
  readonly loss: Tensor;
  /** Mean absolute error of a pixel's channel. */
  readonly reconstruction: Tensor;
  /** Nats per picture, divided by the picture's count of numbers, so that both parts are per number. */
  readonly divergence: Tensor;
  /** Mean perceptual distance, where there is a network for it. */
  readonly perceptual?: Tensor;
}

/** What an autoencoder makes of a batch. */
export interface VaePass {
  /** What the decoder's last layer sees, `[B, H, W, F]`. */
  readonly features: Tensor;
  /** `[B, H, W, C]` */
  readonly decoded: Tensor;
  /** See {@link VaeLoss.divergence}. */
  readonly divergence: Tensor;
}

/** Encodes, draws from the posterior and decodes. */
export function reconstruct(params: NamedTensors, config: AutoencoderKlConfig, { pixels, noise }: VaeBatch): VaePass {
  const encoded = posterior(encodeKl(params, config, pixels));
  const features = decodeFeaturesKl(params, config, samplePosterior(encoded, noise));
  const divergence = div(mean(divergenceFromNormal(encoded)), pixels.size / pixels.shape[0]!);
  return { features, decoded: paintKl(params, features), divergence };
}

/**
 * The parts that compare pictures, weighted, without the divergence.
 *
 * @param network see `perceptualParameters`; without it nothing is compared by it
 */
export function pictureLoss(
  pixels: Tensor,
  decoded: Tensor,
  weights: VaeLossWeights = {},
  network?: NamedTensors,
): Omit<VaeLoss, 'divergence'> {
  const { squared = 0 } = weights;
  const error = sub(pixels, decoded);
  const reconstruction = mean(abs(error));
  const terms = [mul(reconstruction, weights.reconstruction ?? 1)];
  if (squared !== 0) terms.push(mul(mean(square(error)), squared));
  if (network === undefined) return { loss: addN(terms), reconstruction };
  const perceptual = mean(perceptualDistance(network, pixels, decoded));
  return { loss: addN([...terms, mul(perceptual, weights.perceptual ?? 1)]), reconstruction, perceptual };
}

/** The weighted divergence. */
export function weightedDivergence(divergence: Tensor, weights: VaeLossWeights = {}): Tensor {
  return mul(divergence, weights.divergence ?? 1e-6);
}

/** The loss of a batch, differentiable in the parameters. */
export function vaeLoss(
  params: NamedTensors,
  config: AutoencoderKlConfig,
  batch: VaeBatch,
  weights: VaeLossWeights = {},
  network?: NamedTensors,
): VaeLoss {
  const { decoded, divergence } = reconstruct(params, config, batch);
  const picture = pictureLoss(batch.pixels, decoded, weights, network);
  return { ...picture, loss: add(picture.loss, weightedDivergence(divergence, weights)), divergence };
}
