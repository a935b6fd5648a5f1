/**
 * How sums over rows of equal ids are recorded, the gradient of every look-up. ONNX Runtime's `ScatterND` with
 * `reduction: add` shares its updates among threads without care for equal rows and loses some (measured with 1.30: 3 of 50
 * runs with two threads). So small sums are a product with the one-hot matrix of the ids, which costs more with every
 * segment, and larger ones are sorted first; the rest goes through `ScatterElements`, which adds up numbers one by one.
 */
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { DType } from '../../contracts/tensors.ts';
import { asInt64, cast, constant, filled, product } from './building-blocks.ts';
import { sortedSegmentSum, withinRange } from './sorted-segment-sum.ts';
import type { TraceBackend } from './trace-backend.ts';

/** The most elements of a one-hot matrix where rows could be sorted: there both ways take about half a millisecond. */
const largestOneHot = 2 ** 19;
/** The most where rows are too many to be sorted. */
const largestOneHotOfMany = 2 ** 24;
/** The most rows to sort: their pieces of 128 meet in a square of a million. */
const mostSorted = 2 ** 17;
/** The fewest numbers worth it. */
const fewestSorted = 2 ** 15;

/**
 * Sums rows of `values` `[N, …]` into `segments` rows by their ids `[N]`. Rows of ids below 0, or from `segments` on, are left
 * out, as on TensorFlow.js's own backends. Where a sum is a product, an infinite value makes others of its column NaN.
 */
export function segmentSum(trace: TraceBackend, values: TensorInfo, ids: TensorInfo, segments: number): TensorInfo {
  const count = util.sizeFromShape(ids.shape);
  const rest = values.shape.slice(ids.shape.length);
  const width = util.sizeFromShape(rest);
  if (count * width === 0) return filled(trace, 0, [segments, ...rest], values.dtype as DType);
  const rows = trace.reshape(values, [count, width]);
  const line = trace.reshape(ids, [count]);
  const sum = wayOf(rows, segments);
  return trace.reshape(sum(trace, rows, line, segments), [segments, ...rest]);
}

function wayOf({ shape, dtype }: TensorInfo, segments: number) {
  const [count, width] = shape as [number, number];
  if (dtype !== 'float32') return byScatter;
  if (count * segments <= (count > mostSorted ? largestOneHotOfMany : largestOneHot)) return byProduct;
  return count <= mostSorted && count * width >= fewestSorted ? sortedSegmentSum : byScatter;
}

function byProduct(trace: TraceBackend, rows: TensorInfo, ids: TensorInfo, segments: number): TensorInfo {
  const [count] = rows.shape as [number, number];
  const every = constant(
    trace,
    Array.from({ length: segments }, (_, segment) => segment),
    [segments, 1],
    'int32',
  );
  const each = { shape: [segments, count], dtype: 'bool' as const };
  const hits = trace.op('Equal', [every, trace.reshape(ids, [1, count])], each);
  return product(trace, cast(trace, hits, 'float32'), rows);
}

function byScatter(trace: TraceBackend, rows: TensorInfo, ids: TensorInfo, segments: number): TensorInfo {
  const [count, width] = rows.shape as [number, number];
  const isKnown = withinRange(trace, ids, segments);
  const nothing = trace.graph.scalar(0, rows.dtype as DType);
  const known = trace.op('Where', [trace.reshape(isKnown, [count, 1]), rows, nothing], rows);
  const places = trace.op('Where', [isKnown, ids, trace.graph.scalar(0, 'int32')], ids);
  const column = asInt64(trace, trace.reshape(places, [count, 1]));
  const zeros = filled(trace, 0, [segments, width], rows.dtype as DType);
  return trace.op(
    'ScatterElements',
    [zeros, trace.graph.op('Expand', [column, trace.graph.integers([count, width])]), known],
    zeros,
    { attributes: { axis: { int: 0 }, reduction: { string: 'add' } } },
  );
}
