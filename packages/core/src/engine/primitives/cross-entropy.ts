/**
 * Next-token cross-entropy per position, `-log softmax(logits)[target]`, without a one-hot matrix in the compiled
 * forward pass. The gradient is `softmax(logits) - indicator(target)`.
 */
import {
  cast,
  customGrad,
  equal,
  exp,
  logSoftmax,
  mul,
  neg,
  range,
  reshape,
  sub,
  sum,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { onnxElementType } from '../onnx/element-type.ts';
import { activeTrace } from './active-trace.ts';

/** @param logits `[P, V]` @param targets `[P]` int32 below V @returns `[P]` losses in nats */
export function crossEntropy(logits: Tensor, targets: Tensor): Tensor {
  const [positions, vocabulary] = logits.shape as [number, number];
  const indicator = (ids: Tensor) =>
    cast(equal(reshape(ids, [positions, 1]), reshape(range(0, vocabulary, 1, 'int32'), [1, vocabulary])), 'float32');
  const loss = customGrad((input, save) => {
    const logProbabilities = logSoftmax(input as Tensor);
    (save as (tensors: Tensor[]) => void)([logProbabilities, targets]);
    return {
      value: neg(pick(logProbabilities, targets, indicator)),
      gradFunc: (upstream: Tensor, saved: Tensor[]) =>
        mul(sub(exp(saved[0]!), indicator(saved[1]!)), reshape(upstream, [positions, 1])),
    };
  });
  return loss(logits);
}

function pick(logProbabilities: Tensor, targets: Tensor, indicator: (ids: Tensor) => Tensor): Tensor {
  const trace = activeTrace();
  if (trace === undefined) return sum(mul(logProbabilities, indicator(targets)), -1);
  const [positions] = logProbabilities.shape as [number, number];
  const wide = trace.graph.op('Cast', [trace.nameOf(targets)], {
    attributes: { to: { int: onnxElementType('int64') } },
  });
  const column = trace.graph.op('Reshape', [wide, trace.graph.integers([positions, 1])]);
  const picked = trace.graph.op('GatherElements', [trace.nameOf(logProbabilities), column], {
    attributes: { axis: { int: 1 } },
  });
  return reshape(trace.tensor(picked, [positions, 1], 'float32'), [positions]);
}
