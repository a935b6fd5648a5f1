/**
 * Softmax of scores of which a mask leaves out some. Adding -1e9 to those would do, but their exponentials are numbers too
 * small for a float's full precision, with which processors compute many times slower, here and in every product that
 * follows. So they count as e^-40 of the row's largest at first, nothing in float32, and then as zero.
 */
import { max, maximum, mul, softmax, sub, type Tensor } from '@tensorflow/tfjs-core';

/** e^-40 is 4e-18. */
const farBelow = 40;

/**
 * @param scores `[..., S]`, those left out far below the others
 * @param visible `[..., S]`, or of size 1 where it is the same for all: 1, and 0 for those left out
 * @returns `[..., S]`; rows add up to 1, or are zero where all is left out
 */
export function maskedSoftmax(scores: Tensor, visible: Tensor): Tensor {
  return mul(softmax(maximum(scores, sub(max(scores, -1, true), farBelow))), visible);
}
