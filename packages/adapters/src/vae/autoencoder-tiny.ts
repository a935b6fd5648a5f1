/**
 * AutoencoderTiny, the small distilled autoencoder TAESD (Bohan 2023) and its relatives, as diffusers 0.42 builds it:
 * 3x3 convolutions in one row, residual blocks of three of them at every resolution, no normalization, no Gaussian.
 * Pure functions over parameters under the names of the weights' file.
 */
import { add, clipByValue, div, mul, relu, sub, tanh, type Tensor } from '@tensorflow/tfjs-core';
import type { NamedTensors } from '@transfuse/core/contracts';
import { activate } from './activation.ts';
import type { AutoencoderTinyConfig } from './autoencoder-tiny-config.ts';
import { convolution } from './convolution.ts';
import { double } from './resampling.ts';
import { decoderLayers, encoderLayers, type TinyLayer } from './tiny-layers.ts';

/**
 * Pixels to latents.
 *
 * @param params `encoder.layers.*`
 * @param pixels `[B, H, W, inChannels]`, in [-1, 1]; H and W multiples of 2^(resolutions - 1)
 * @returns `[B, h, w, latentChannels]`
 */
export function encodeTiny(params: NamedTensors, config: AutoencoderTinyConfig, pixels: Tensor): Tensor {
  return through(params, config, encoderLayers(config), div(add(pixels, 1), 2));
}

/**
 * Latents, softly clamped to [-3, 3], to pixels.
 *
 * @param params `decoder.layers.*`
 * @param latents `[B, h, w, latentChannels]`
 * @returns `[B, H, W, outChannels]`, about in [-1, 1]
 */
export function decodeTiny(params: NamedTensors, config: AutoencoderTinyConfig, latents: Tensor): Tensor {
  const clamped = mul(tanh(div(latents, 3)), 3);
  return sub(mul(through(params, config, decoderLayers(config), clamped), 2), 1);
}

/** Latents to [0, 1], clamped, for storing them as the bytes of a picture. @param latents of any shape */
export function latentsToUnit(config: AutoencoderTinyConfig, latents: Tensor): Tensor {
  return clipByValue(add(div(latents, 2 * config.latentMagnitude), config.latentShift), 0, 1);
}

/** The inverse of {@link latentsToUnit}, where nothing was clamped. */
export function latentsFromUnit(config: AutoencoderTinyConfig, stored: Tensor): Tensor {
  return mul(sub(stored, config.latentShift), 2 * config.latentMagnitude);
}

function through(params: NamedTensors, config: AutoencoderTinyConfig, layers: readonly TinyLayer[], x: Tensor): Tensor {
  return layers.reduce((x, { kind, name }) => {
    switch (kind) {
      case 'convolution':
        return convolution(params, name, x);
      case 'halving':
        return convolution(params, name, x, { stride: 2, padding: [1, 1] });
      case 'doubling':
        return double(x);
      case 'activation':
        return activate(config.activation, x);
      case 'block':
        return block(params, name, config, x);
    }
  }, x);
}

/** Three convolutions added to their input, then ReLU. @param x `[B, H, W, C]` @returns `[B, H, W, C]` */
function block(params: NamedTensors, name: string, config: AutoencoderTinyConfig, x: Tensor): Tensor {
  const first = activate(config.activation, convolution(params, `${name}.conv.0`, x));
  const second = activate(config.activation, convolution(params, `${name}.conv.2`, first));
  return relu(add(x, convolution(params, `${name}.conv.4`, second)));
}
