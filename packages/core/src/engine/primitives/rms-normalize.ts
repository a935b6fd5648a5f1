/**
 * Root-mean-square normalization without a gain: `x / sqrt(mean(x^2) + epsilon)` over the last axis (Zhang and
 * Sennrich 2019). The gain belongs to the product that follows, where it scales the small weight instead of the large
 * activation. Compiled, the forward pass is one operator; the backward pass is written out by hand.
 */
import { add, customGrad, mean, mul, rsqrt, square, sub, type Tensor } from '@tensorflow/tfjs-core';
import { activeTrace } from './active-trace.ts';

/** @param x `[..., D]` @returns `[..., D]` with a root mean square of 1 along the last axis */
export function rmsNormalize(x: Tensor, epsilon: number): Tensor {
  const normalize = customGrad((input, save) => {
    const value = input as Tensor;
    const { normalized, inverse } = forward(value, epsilon);
    (save as (tensors: Tensor[]) => void)([normalized, inverse]);
    return {
      value: normalized,
      gradFunc: (upstream: Tensor, saved: Tensor[]) => {
        const [y, scale] = saved as [Tensor, Tensor];
        // d/dx [x r] with r = (mean x^2 + epsilon)^(-1/2): r (dy - y mean(dy y))
        const along = mean(mul(upstream, y), -1, true);
        return mul(sub(upstream, mul(y, along)), scale);
      },
    };
  });
  return normalize(x);
}

function forward(x: Tensor, epsilon: number): { normalized: Tensor; inverse: Tensor } {
  const trace = activeTrace();
  if (trace === undefined) {
    const inverse = rsqrt(add(mean(square(x), -1, true), epsilon));
    return { normalized: mul(x, inverse), inverse };
  }
  const width = x.shape.at(-1)!;
  const gain = trace.graph.constant({ data: new Float32Array(width).fill(1), shape: [width], dtype: 'float32' });
  const [normalized, inverse] = trace.graph.node('SimplifiedLayerNormalization', [trace.nameOf(x), gain], 2, {
    attributes: { axis: { int: -1 }, epsilon: { float: epsilon }, stash_type: { int: 1 } },
  }) as [string, string];
  return {
    normalized: trace.tensor(normalized, x.shape, 'float32'),
    inverse: trace.tensor(inverse, [...x.shape.slice(0, -1), 1], 'float32'),
  };
}
