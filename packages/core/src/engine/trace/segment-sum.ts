/**
 * How sums over rows of equal ids are recorded, the gradient of every look-up. ONNX Runtime's `ScatterND` with
 * `reduction: add` shares its updates among threads without care for equal rows and loses some (measured with 1.30: 3 of 50
 * runs with two threads). So small sums are a product with the one-hot matrix of the ids, which costs more with every
 * segment, and larger ones are sorted first; the rest goes through `ScatterElements`, which adds up numbers one by one.
 */
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { DType } from '../../contracts/tensors.ts';
import { asInt64, cast, filled } from './building-blocks.ts';
import { sortedSegmentSum } from './sorted-segment-sum.ts';
import type { TraceBackend } from './trace-backend.ts';

/** The most elements of a one-hot matrix: there both ways take about half a millisecond. */
const largestOneHot = 2 ** 19;
/** The fewest numbers worth sorting their rows, and the most rows to sort. */
const fewestSorted = 2 ** 15;
const mostSorted = 2 ** 17;

/** Sums rows of `values` `[N, …]` into `segments` rows by their ids `[N]`, which count from 0. */
export function segmentSum(trace: TraceBackend, values: TensorInfo, ids: TensorInfo, segments: number): TensorInfo {
  const count = util.sizeFromShape(ids.shape);
  const width = util.sizeFromShape(values.shape) / Math.max(1, count);
  const rows = trace.reshape(values, [count, width]);
  const line = trace.reshape(ids, [count]);
  const sum = wayOf(values.dtype === 'float32', count, width, segments);
  return trace.reshape(sum(trace, rows, line, segments), [segments, ...values.shape.slice(ids.shape.length)]);
}

function wayOf(isFloat: boolean, count: number, width: number, segments: number) {
  if (!isFloat || count * width === 0) return byScatter;
  if (count * segments <= largestOneHot) return byProduct;
  return count * width >= fewestSorted && count <= mostSorted ? sortedSegmentSum : byScatter;
}

function byProduct(trace: TraceBackend, rows: TensorInfo, ids: TensorInfo, segments: number): TensorInfo {
  const [count, width] = rows.shape as [number, number];
  const column = trace.reshape(ids, [count, 1]);
  const every = trace.graph.constant({
    data: Int32Array.from({ length: segments }, (_, segment) => segment),
    shape: [1, segments],
    dtype: 'int32',
  });
  const hits = cast(trace, trace.op('Equal', [column, every], { shape: [count, segments], dtype: 'bool' }), 'float32');
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
  const column = trace.reshape(ids, [count, 1]);
  const places = trace.graph.op('Expand', [asInt64(trace, column), trace.graph.integers([count, width])]);
  return trace.op('ScatterElements', [zeros, places, rows], zeros, {
    attributes: { axis: { int: 0 }, reduction: { string: 'add' } },
  });
}
