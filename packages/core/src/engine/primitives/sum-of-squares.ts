import { square, sum, type Tensor } from '@tensorflow/tfjs-core';
import { activeTrace } from './active-trace.ts';

/** The sum of the squares of all elements, `[]`; compiled, one pass over them. Not to be differentiated: compiled, it has no gradient. */
export function sumOfSquares(x: Tensor): Tensor {
  const trace = activeTrace();
  if (trace === undefined) return sum(square(x));
  const total = trace.graph.op('ReduceSumSquare', [trace.nameOf(x)], { attributes: { keepdims: { int: 0 } } });
  return trace.tensor(total, [], 'float32');
}
