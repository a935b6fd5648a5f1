/**
 * Next-token cross-entropy per position, `-log softmax(logits)[target]`, and its gradient `softmax(logits) -
 * indicator(target)`; compiled, neither makes a one-hot matrix.
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
  util,
} from '@tensorflow/tfjs-core';
import { asInt64 } from '../trace/building-blocks.ts';
import type { TraceBackend } from '../trace/trace-backend.ts';
import { activeTrace } from './active-trace.ts';

/**
 * The cross-entropy of logits against the right ids, `-log softmax(logits)[target]`. Its gradient is the softmax, less one at
 * the target.
 *
 * @param logits `[P, V]`
 * @param targets `[P]` int32, from 0 to below V; what others give means nothing
 * @returns `[P]` losses in nats
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import { createCompiledEngine, crossEntropy } from '@transfuse/core/engine';
 * const engine = createCompiledEngine();
 * const loss = await engine.compile((_, { logits, ids }) => ({ outputs: { loss: tf.mean(crossEntropy(logits!, ids!)) } }), {
 *   name: 'loss',
 *   inputs: { logits: { shape: [2, 4], dtype: 'float32' }, ids: { shape: [2], dtype: 'int32' } },
 * });
 * const result = await loss.run({ logits: new Float32Array(8), ids: Int32Array.of(0, 3) });
 * console.assert(Math.abs(result['loss']!.data[0]! - Math.log(4)) < 1e-6);
 * await engine.dispose();
 * ```
 */
export function crossEntropy(logits: Tensor, targets: Tensor): Tensor {
  const [positions, vocabulary] = logits.shape as [number, number];
  util.assertShapesMatch(targets.shape, [positions], 'Error in crossEntropy, targets: ');
  const indicator = (ids: Tensor) =>
    cast(equal(reshape(ids, [positions, 1]), reshape(range(0, vocabulary, 1, 'int32'), [1, vocabulary])), 'float32');
  const loss = customGrad((input, save) => {
    const logProbabilities = logSoftmaxOf(input as Tensor);
    (save as (tensors: Tensor[]) => void)([logProbabilities, targets]);
    return {
      value: neg(pick(logProbabilities, targets, indicator)),
      gradFunc: (upstream: Tensor, saved: Tensor[]) => {
        const scale = reshape(upstream, [positions, 1]);
        return subtractAt(mul(exp(saved[0]!), scale), saved[1]!, scale, indicator);
      },
    };
  });
  return loss(logits);
}

/** Over the last axis; in a trace one operator, where TensorFlow.js records several. @param logits `[P, V]` @returns `[P, V]` */
function logSoftmaxOf(logits: Tensor): Tensor {
  const trace = activeTrace();
  if (trace === undefined) return logSoftmax(logits);
  const name = trace.graph.op('LogSoftmax', [trace.nameOf(logits)], { attributes: { axis: { int: -1 } } });
  return trace.tensor(name, logits.shape, 'float32');
}

/** One element of every row. @param x `[P, V]` @returns `[P]` */
function pick(x: Tensor, targets: Tensor, indicator: (ids: Tensor) => Tensor): Tensor {
  const trace = activeTrace();
  if (trace === undefined) return sum(mul(x, indicator(targets)), -1);
  const [positions] = x.shape as [number, number];
  const picked = trace.graph.op('GatherElements', [trace.nameOf(x), targetColumn(trace, targets)], {
    attributes: { axis: { int: 1 } },
  });
  return reshape(trace.tensor(picked, [positions, 1], 'float32'), [positions]);
}

/** Less at one element of every row. @param x `[P, V]` @param by `[P, 1]` @returns `[P, V]` */
function subtractAt(x: Tensor, targets: Tensor, by: Tensor, indicator: (ids: Tensor) => Tensor): Tensor {
  const trace = activeTrace();
  if (trace === undefined) return sub(x, mul(indicator(targets), by));
  const scattered = trace.graph.op(
    'ScatterElements',
    [trace.nameOf(x), targetColumn(trace, targets), trace.nameOf(neg(by))],
    { attributes: { axis: { int: 1 }, reduction: { string: 'add' } } },
  );
  return trace.tensor(scattered, x.shape, 'float32');
}

/** Targets as ONNX has indices of elements: `[P, 1]` int64. */
function targetColumn(trace: TraceBackend, targets: Tensor): string {
  return trace.graph.op('Reshape', [asInt64(trace, targets), trace.graph.integers([targets.size, 1])]);
}
