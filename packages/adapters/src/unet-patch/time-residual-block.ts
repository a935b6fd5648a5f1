/**
 * The residual block of a diffusion U-Net (Ho et al. 2020): normalization, activation, 3x3 convolution, the time added
 * to every position, and the same once more. Normalizations are plain: they do not depend on the time, as in the
 * Transfusion paper (Zhou et al. 2024, section 3), whose U-Net has layer normalization where others adapt it.
 */
import { add, reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { NamedTensors, ParameterSpec } from '@transfuse/core/contracts';
import { convolution } from '../vae/convolution.ts';
import { groupNorm } from '../vae/group-norm.ts';
import { normParameters } from '../vae/layer-parameters.ts';
import { silu } from '../vae/activation.ts';
import { convolutionLayer, linear, linearLayer } from './unet-layers.ts';

/** The weights of one block of `channels` channels, told the time in vectors of `timeWidth` numbers. */
export function timeResidualParameters(
  name: string,
  { channels, timeWidth }: { readonly channels: number; readonly timeWidth: number },
): ParameterSpec {
  return {
    ...normParameters(`${name}.norm1`, channels),
    ...convolutionLayer(`${name}.conv1`, channels, channels),
    ...linearLayer(`${name}.time`, timeWidth, channels),
    ...normParameters(`${name}.norm2`, channels),
    ...convolutionLayer(`${name}.conv2`, channels, channels, { start: 'zero' }),
  };
}

/** @param x `[B, H, W, C]` @param time `[B, T]` @returns `[B, H, W, C]` */
export function timeResidualBlock(
  params: NamedTensors,
  name: string,
  { x, time, groups }: { readonly x: Tensor; readonly time: Tensor; readonly groups: number },
): Tensor {
  const [batch, , , channels] = x.shape as [number, number, number, number];
  const inner = convolution(params, `${name}.conv1`, silu(groupNorm(params, `${name}.norm1`, x, groups)));
  const shift = reshape(linear(params, `${name}.time`, time), [batch, 1, 1, channels]);
  const normalized = groupNorm(params, `${name}.norm2`, add(inner, shift), groups);
  return add(x, convolution(params, `${name}.conv2`, silu(normalized)));
}
