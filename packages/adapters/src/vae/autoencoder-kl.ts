/**
 * AutoencoderKL, the autoencoder of latent diffusion (Rombach et al. 2022, arXiv 2112.10752) as diffusers 0.42 builds
 * it: a convolutional encoder to the moments of a Gaussian on a coarser grid, and a decoder from a point of it back to
 * pixels. Pure functions over parameters under the names of the weights' file, matrices as `autoEncoderParameters`
 * declares them. Nothing here scales latents or draws from the Gaussian.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { NamedTensors } from '@transfuse/core/contracts';
import { silu } from './activation.ts';
import type { AutoencoderKlConfig } from './autoencoder-kl-config.ts';
import { convolution } from './convolution.ts';
import { groupNorm } from './group-norm.ts';
import { residualBlock } from './residual-block.ts';
import { double, halve } from './resampling.ts';
import { spatialAttention } from './spatial-attention.ts';

/**
 * Pixels to moments: the means of the latent's channels, then the logarithms of their variances; see `posterior`.
 *
 * @param params `encoder.*`, `quant_conv.*`
 * @param pixels `[B, H, W, inChannels]`, in [-1, 1]; H and W multiples of 2^(resolutions - 1)
 * @returns `[B, h, w, 2 * latentChannels]`
 */
export function encodeKl(params: NamedTensors, config: AutoencoderKlConfig, pixels: Tensor): Tensor {
  const last = config.blockChannels.length - 1;
  let x = convolution(params, 'encoder.conv_in', pixels);
  for (let level = 0; level <= last; level++) {
    const block = `encoder.down_blocks.${level}`;
    for (let layer = 0; layer < config.layersPerBlock; layer++) {
      x = residualBlock(params, `${block}.resnets.${layer}`, config, x);
    }
    if (level < last) x = halve(params, `${block}.downsamplers.0.conv`, x);
  }
  x = silu(groupNorm(params, 'encoder.conv_norm_out', middle(params, 'encoder', config, x), config.normGroups));
  x = convolution(params, 'encoder.conv_out', x);
  return config.quantConvolution ? convolution(params, 'quant_conv', x) : x;
}

/**
 * Latents to pixels, not clamped.
 *
 * @param params `decoder.*`, `post_quant_conv.*`
 * @param latents `[B, h, w, latentChannels]`, as the encoder yields them
 * @returns `[B, H, W, outChannels]`, about in [-1, 1]
 */
export function decodeKl(params: NamedTensors, config: AutoencoderKlConfig, latents: Tensor): Tensor {
  return paintKl(params, decodeFeaturesKl(params, config, latents));
}

/** Latents to what the decoder's last convolution sees: all of `decodeKl` but its end. @returns `[B, H, W, C]`, C the finest channels */
export function decodeFeaturesKl(params: NamedTensors, config: AutoencoderKlConfig, latents: Tensor): Tensor {
  const last = config.blockChannels.length - 1;
  const start = config.postQuantConvolution ? convolution(params, 'post_quant_conv', latents) : latents;
  let x = middle(params, 'decoder', config, convolution(params, 'decoder.conv_in', start));
  for (let level = 0; level <= last; level++) {
    const block = `decoder.up_blocks.${level}`;
    for (let layer = 0; layer <= config.layersPerBlock; layer++) {
      x = residualBlock(params, `${block}.resnets.${layer}`, config, x);
    }
    if (level < last) x = convolution(params, `${block}.upsamplers.0.conv`, double(x));
  }
  return silu(groupNorm(params, 'decoder.conv_norm_out', x, config.normGroups));
}

/** The decoder's last convolution. @param features `[B, H, W, C]` @returns `[B, H, W, outChannels]` */
export function paintKl(params: NamedTensors, features: Tensor): Tensor {
  return convolution(params, 'decoder.conv_out', features);
}

/** Two residual blocks at the coarsest resolution, with attention between them. @param x `[B, h, w, C]` */
function middle(params: NamedTensors, side: 'encoder' | 'decoder', config: AutoencoderKlConfig, x: Tensor): Tensor {
  const name = `${side}.mid_block`;
  const first = residualBlock(params, `${name}.resnets.0`, config, x);
  const attended = config.middleAttention
    ? spatialAttention(params, `${name}.attentions.0`, first, { groups: config.normGroups })
    : first;
  return residualBlock(params, `${name}.resnets.1`, config, attended);
}
