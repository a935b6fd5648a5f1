/**
 * The layers a U-Net patch adapter is made of: how they are declared, and the linear one itself. First weights have the
 * variance `1 / inputs`, which carries the variance of activations on; the last layer of every residual branch,
 * what gates learn and the last layer of the way up start at zero, so that a network begins as the identity around its
 * branches (Goyal et al. 2017; Dhariwal and Nichol 2021).
 */
import { add, matMul, type Tensor } from '@tensorflow/tfjs-core';
import type { NamedTensors, ParameterDeclaration, ParameterSpec } from '@transfuse/core/contracts';

/** How the weights of a layer start: `spread` (default), `zero`, or a standard deviation. */
export interface LayerStart {
  readonly start?: 'spread' | 'zero' | { readonly standardDeviation: number };
}

/** A linear layer: `<name>.weight` `[I, O]`, `<name>.bias` `[O]`. */
export function linearLayer(name: string, inputs: number, outputs: number, options: LayerStart = {}): ParameterSpec {
  return {
    [`${name}.weight`]: { shape: [inputs, outputs], initializer: firstWeights(inputs, options), decay: true },
    [`${name}.bias`]: { shape: [outputs], initializer: { kind: 'zeros' }, decay: false },
  };
}

/** A convolution with windows of 3 x 3: `<name>.weight` `[3, 3, I, O]`, `<name>.bias` `[O]`. */
export function convolutionLayer(
  name: string,
  inputs: number,
  outputs: number,
  options: LayerStart = {},
): ParameterSpec {
  return {
    [`${name}.weight`]: { shape: [3, 3, inputs, outputs], initializer: firstWeights(9 * inputs, options), decay: true },
    [`${name}.bias`]: { shape: [outputs], initializer: { kind: 'zeros' }, decay: false },
  };
}

/** @param x `[R, I]` @param params `<name>.weight`, `<name>.bias` @returns `[R, O]` */
export function linear(params: NamedTensors, name: string, x: Tensor): Tensor {
  return add(matMul(x, params[`${name}.weight`]!), params[`${name}.bias`]!);
}

function firstWeights(inputs: number, { start = 'spread' }: LayerStart): ParameterDeclaration['initializer'] {
  if (start === 'zero') return { kind: 'zeros' };
  const standardDeviation = start === 'spread' ? 1 / Math.sqrt(inputs) : start.standardDeviation;
  return { kind: 'normal', standardDeviation };
}
