/**
 * The time of a noisy latent as a vector that tokens, residual blocks and gates read: sinusoids of the time (Vaswani et
 * al. 2017, as Ho et al. 2020 use them), then two linear layers with an activation after each. The time is scaled to 30,
 * not to the usual 1000: what depends on it changes slowly, and frequencies that tell 0.500 from 0.501 are noise to
 * learn through (docs/unet-patch.md).
 */
import { concat, cos, mul, reshape, sin, type Tensor, tensor2d } from '@tensorflow/tfjs-core';
import type { NamedTensors, ParameterSpec } from '@transfuse/core/contracts';
import { silu } from '../vae/activation.ts';
import { linear, linearLayer } from './unet-layers.ts';

const frequencyCount = 64;
const timeScale = 30;

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
    (_, index) => timeScale * 10_000 ** (-index / frequencyCount),
  );
  const angles = mul(reshape(time, [-1, 1]), tensor2d(frequencies, [1, frequencyCount])); // [B, F]
  const waves = concat([sin(angles), cos(angles)], 1); // [B, 2 F]
  return silu(linear(params, 'time.second', silu(linear(params, 'time.first', waves))));
}
