/**
 * How sums over rows of equal ids are recorded, the gradient of every look-up. ONNX Runtime's `ScatterND` with
 * `reduction: add` shares its updates among threads without care for equal rows and loses some (measured with 1.30: 3 of 50
 * runs with two threads). Sums into few segments are therefore a product with the one-hot matrix of the ids, which costs
 * more with every segment; sums into many go through `ScatterElements`, which runs in one thread.
 */
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { DType } from '../../contracts/tensors.ts';
import { asInt64, cast, filled } from './building-blocks.ts';
import type { TraceBackend } from './trace-backend.ts';

/** The most elements of a one-hot matrix, 64 MiB, and the most segments: with 2,048 the product takes three times as long. */
const largestOneHot = 2 ** 24;
const mostSegments = 1024;

/** Sums rows of `values` `[N, …]` into `segments` rows by their ids `[N]`, which count from 0. */
export function segmentSum(trace: TraceBackend, values: TensorInfo, ids: TensorInfo, segments: number): TensorInfo {
  const count = util.sizeFromShape(ids.shape);
  const width = util.sizeFromShape(values.shape) / Math.max(1, count);
  const shape = [segments, ...values.shape.slice(ids.shape.length)];
  const rows = trace.reshape(values, [count, width]);
  const column = trace.reshape(ids, [count, 1]);
  const few = segments <= mostSegments && count * segments <= largestOneHot;
  const small = values.dtype === 'float32' && few && count > 0 && width > 0;
  const sums = small ? byProduct(trace, rows, column, segments) : byScatter(trace, rows, column, segments);
  return trace.reshape(sums, shape);
}

function byProduct(trace: TraceBackend, rows: TensorInfo, ids: TensorInfo, segments: number): TensorInfo {
  const [count, width] = rows.shape as [number, number];
  const every = trace.graph.constant({
    data: Int32Array.from({ length: segments }, (_, segment) => segment),
    shape: [1, segments],
    dtype: 'int32',
  });
  const hits = cast(trace, trace.op('Equal', [ids, every], { shape: [count, segments], dtype: 'bool' }), 'float32');
  trace.graph.countWork(2 * count * segments * width);
  return trace.op(
    'FusedMatMul',
    [hits, rows],
    { shape: [segments, width], dtype: 'float32' },
    { domain: 'com.microsoft', attributes: { transA: { int: 1 }, transB: { int: 0 } } },
  );
}

function byScatter(trace: TraceBackend, rows: TensorInfo, ids: TensorInfo, segments: number): TensorInfo {
  const [count, width] = rows.shape as [number, number];
  const zeros = filled(trace, 0, [segments, width], rows.dtype as DType);
  const places = trace.graph.op('Expand', [asInt64(trace, ids), trace.graph.integers([count, width])]);
  return trace.op('ScatterElements', [zeros, places, rows], zeros, {
    attributes: { axis: { int: 0 }, reduction: { string: 'add' } },
  });
}
