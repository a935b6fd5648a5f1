/**
 * The activation functions that an autoencoder's configuration may name, under the names diffusers gives them. Each
 * works element by element.
 */
import { add, div, erf, mul, relu, sigmoid, softplus, tanh, type Tensor } from '@tensorflow/tfjs-core';

/** The names, `swish` being another one for `silu`. */
export const activationNames: readonly ActivationName[] = ['silu', 'swish', 'mish', 'gelu', 'relu'];

/** The name of an activation function. */
export type ActivationName = 'silu' | 'swish' | 'mish' | 'gelu' | 'relu';

/** `x sigmoid(x)`, of any shape. */
export function silu(x: Tensor): Tensor {
  return mul(x, sigmoid(x));
}

const activations: Readonly<Record<ActivationName, (x: Tensor) => Tensor>> = {
  silu,
  swish: silu,
  mish: (x) => mul(x, tanh(softplus(x))),
  gelu: (x) => mul(mul(x, 0.5), add(erf(div(x, Math.SQRT2)), 1)), // exact, not the approximation by tanh
  relu,
};

/** Applies the function of that name. @param x any shape @returns the same shape */
export function activate(name: ActivationName, x: Tensor): Tensor {
  return activations[name](x);
}
