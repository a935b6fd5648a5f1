/**
 * The residual block of AutoencoderKL: twice normalization, activation and a 3x3 convolution, added to the input. Where
 * the number of channels changes, the input goes through a 1x1 convolution first.
 */
import { add, type Tensor } from '@tensorflow/tfjs-core';
import type { NamedTensors } from '@transfuse/core/contracts';
import { activate } from './activation.ts';
import type { AutoencoderKlConfig } from './autoencoder-kl-config.ts';
import { convolution } from './convolution.ts';
import { groupNorm } from './group-norm.ts';

/** @param x `[B, H, W, I]` @param params `norm1`, `conv1`, `norm2`, `conv2`, perhaps `conv_shortcut` @returns `[B, H, W, O]` */
export function residualBlock(params: NamedTensors, name: string, config: AutoencoderKlConfig, x: Tensor): Tensor {
  const half = (input: Tensor, part: 1 | 2) => {
    const normalized = groupNorm(params, `${name}.norm${part}`, input, config.normGroups);
    return convolution(params, `${name}.conv${part}`, activate(config.activation, normalized));
  };
  const change = half(half(x, 1), 2); // [B, H, W, O]
  const shortcut = `${name}.conv_shortcut`;
  return add(params[`${shortcut}.weight`] === undefined ? x : convolution(params, shortcut, x), change);
}
