/** Products of activations with weights, for activations of any rank. */
import { add, matMul, mul, reshape, type Tensor } from '@tensorflow/tfjs-core';

/** @param x `[..., I]` @param weight `[I, O]` @param bias `[O]` @returns `[..., O]` */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [inputs, outputs] = weight.shape as [number, number];
  const product = matMul(reshape(x, [-1, inputs]), weight);
  return reshape(bias === undefined ? product : add(product, bias), [...x.shape.slice(0, -1), outputs]);
}

/**
 * `(x * gain) @ weight` with the gain moved onto the weight: scaling `[I, O]` numbers instead of every activation, and
 * nothing at all where weights are constant.
 */
export function normalizedLinear(x: Tensor, gain: Tensor, weight: Tensor): Tensor {
  return linear(x, mul(reshape(gain, [-1, 1]), weight));
}
