/**
 * Group normalization (Wu and He 2018) over images: the channels of a group share one mean and one variance, taken
 * over all positions. Parameters are `<name>.weight` and `<name>.bias`, one number per channel.
 */
import { add, mean, mul, ones, reshape, rsqrt, square, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { NamedTensors } from '@transfuse/core/contracts';

const epsilon = 1e-6;

/** @param x `[B, H, W, C]` @param groups divides C @returns `[B, H, W, C]` */
export function groupNorm(params: NamedTensors, name: string, x: Tensor, groups: number): Tensor {
  const centred = sub(x, groupMean(x, groups));
  const variance = groupMean(square(centred), groups); // [B, 1, 1, C]
  const slope = mul(rsqrt(add(variance, epsilon)), params[`${name}.weight`]!);
  return add(mul(centred, slope), params[`${name}.bias`]!);
}

/**
 * The mean of a channel's group, for every channel. Rows are averaged before columns: sums of fewer numbers lose less.
 *
 * @param x `[B, H, W, C]` @returns `[B, 1, 1, C]`
 */
function groupMean(x: Tensor, groups: number): Tensor {
  const [batch, , , channels] = x.shape as [number, number, number, number];
  const perChannel = mean(mean(x, 2, true), 1, true); // [B, 1, 1, C]
  const grouped = mean(reshape(perChannel, [batch, groups, channels / groups]), 2, true); // [B, G, 1]
  return reshape(mul(grouped, ones([1, 1, channels / groups])), [batch, 1, 1, channels]);
}
