/**
 * The time of a noisy latent as a vector that residual blocks and gates read: sinusoids of the time on a scale of 1000
 * (Vaswani et al. 2017, as Ho et al. 2020 use them), then two linear layers with an activation after each.
 */
import { concat, cos, mul, reshape, sin, type Tensor, tensor2d } from '@tensorflow/tfjs-core';
import type { NamedTensors, ParameterSpec } from '@transfuse/core/contracts';
import { silu } from '../vae/activation.ts';
import { linear, linearLayer } from './unet-layers.ts';

const frequencyCount = 64;

/** The weights of {@link timeEmbedding}, for vectors of `width` numbers. */
export function timeParameters(width: number): ParameterSpec {
  return {
    ...linearLayer('time.first', 2 * frequencyCount, width),
    ...linearLayer('time.second', width, width),
  };
}

/** @param time `[B]`, 0 (clean) to 1 (noise) @returns `[B, T]` */
export function timeEmbedding(params: NamedTensors, time: Tensor): Tensor {
  const frequencies = Float32Array.from(
    { length: frequencyCount },
    (_, index) => 1000 * 10_000 ** (-index / frequencyCount),
  );
  const angles = mul(reshape(time, [-1, 1]), tensor2d(frequencies, [1, frequencyCount])); // [B, F]
  const waves = concat([sin(angles), cos(angles)], 1); // [B, 2 F]
  return silu(linear(params, 'time.second', silu(linear(params, 'time.first', waves))));
}
