/**
 * Picks rows of a matrix where the choice and its inverse are both known, so that the gradient is another pick instead
 * of a scatter-add. It is how tokens of several modalities are put in sequence order and taken out again.
 */
import { concat, customGrad, gather, type Tensor, zeros } from '@tensorflow/tfjs-core';

/**
 * @param x `[R, D]`
 * @param rows `[M]` int32: for each result row the row of `x` it comes from, or R for a row of zeros
 * @param inverse `[R]` int32: for each row of `x` the result row it went to, or M if it was not picked; each row is
 *   picked at most once
 * @returns `[M, D]`
 */
export function gatherRows(x: Tensor, rows: Tensor, inverse: Tensor): Tensor {
  const pick = customGrad((input, save) => {
    (save as (tensors: Tensor[]) => void)([inverse]);
    return {
      value: gather(withZeroRow(input as Tensor), rows),
      gradFunc: (upstream: Tensor, saved: Tensor[]) => gather(withZeroRow(upstream), saved[0]!),
    };
  });
  return pick(x);
}

/**
 * Picks rows where each row of `x` whose gradient counts stands at one known place of the result.
 * @param x `[R, D]`
 * @param rows `[M]` int32: for each result row the row of `x` it comes from
 * @param inverse `[R]` int32: for each row of `x` the result row whose gradient is its own, or any that has none where the
 *   row is not picked. Other results that come from this row must have no gradient, or one that does not matter.
 * @returns `[M, D]`
 */
export function pickRows(x: Tensor, rows: Tensor, inverse: Tensor): Tensor {
  const pick = customGrad((input, save) => {
    (save as (tensors: Tensor[]) => void)([inverse]);
    return {
      value: gather(input as Tensor, rows),
      gradFunc: (upstream: Tensor, saved: Tensor[]) => gather(upstream, saved[0]!),
    };
  });
  return pick(x);
}

function withZeroRow(x: Tensor): Tensor {
  return concat([x, zeros([1, x.shape[1]!])], 0);
}
