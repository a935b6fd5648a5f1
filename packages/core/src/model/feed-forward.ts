/** The gated feed-forward of the Llama family: `down(silu(gate(x)) * up(x))` of the normalized input. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../contracts/tensors.ts';
import { rmsNormalize } from '../engine/primitives/rms-normalize.ts';
import { swiglu } from '../engine/primitives/swiglu.ts';
import { linear, normalizedLinear } from './linear.ts';
import type { TransformerConfig } from './transformer-config.ts';

/** @param x `[B, T, D]` @param params `norm`, `gate`, `up`, `down` weights of one layer @returns `[B, T, D]` */
export function feedForward(params: NamedTensors, config: TransformerConfig, x: Tensor): Tensor {
  const normalized = rmsNormalize(x, config.normEpsilon);
  const project = (name: string) => normalizedLinear(normalized, params['norm.weight']!, params[`${name}.weight`]!);
  return linear(swiglu(project('gate'), project('up')), params['down.weight']!);
}
