/**
 * Small pieces that recorded kernels are made of: casts, transpositions, slices, paddings, repetitions and constants.
 * Each records at most one node, and none where it would change nothing.
 */
import { type DataType, type TensorInfo } from '@tensorflow/tfjs-core';
import type { DType } from '../../contracts/tensors.ts';
import { onnxElementType } from '../onnx/element-type.ts';
import { hostArray } from './graph-builder.ts';
import type { TraceBackend } from './trace-backend.ts';

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** The same elements in another type; floats are cut towards zero, as TensorFlow.js does. */
export function cast(trace: TraceBackend, x: TensorInfo, dtype: DType): TensorInfo {
  if (x.dtype === dtype) return x;
  return trace.op('Cast', [x], { shape: x.shape, dtype }, { attributes: { to: { int: onnxElementType(dtype) } } });
}

/** The graph value of integer indices as ONNX's shape and scatter operators want them. */
export function asInt64(trace: TraceBackend, x: TensorInfo): string {
  return trace.graph.op('Cast', [trace.nameOf(x)], { attributes: { to: { int: onnxElementType('int64') } } });
}

/** Axes in another order; where only axes of size 1 move, nothing is copied. */
export function transposed(trace: TraceBackend, x: TensorInfo, perm: readonly number[]): TensorInfo {
  const shape = perm.map((axis) => x.shape[axis]!);
  const moved = perm.filter((axis) => x.shape[axis] !== 1);
  if (moved.every((axis, index) => index === 0 || axis > moved[index - 1]!)) return trace.reshape(x, shape);
  return trace.op('Transpose', [x], { shape, dtype: x.dtype }, { attributes: { perm: { ints: perm } } });
}

/** One value everywhere. */
export function filled(trace: TraceBackend, value: number, shape: readonly number[], dtype: DType): TensorInfo {
  return trace.op('Expand', [trace.graph.scalar(value, dtype), trace.graph.integers(shape)], { shape, dtype });
}

/** A tensor of numbers known at the time of tracing. */
export function constant(
  trace: TraceBackend,
  values: ArrayLike<number>,
  shape: readonly number[],
  dtype: DType = 'float32',
): TensorInfo {
  return trace.info(trace.graph.constant({ data: hostArray(dtype, values), shape, dtype }), shape, dtype);
}

/** Elements from `starts` up to before `ends`, in steps; an end of `beforeFirst` lets a negative step reach the first. */
export function sliced(
  trace: TraceBackend,
  x: TensorInfo,
  starts: readonly number[],
  ends: readonly number[],
  steps: readonly number[] = starts.map(() => 1),
): TensorInfo {
  const shape = starts.map((start, axis) => {
    const end = ends[axis] === beforeFirst ? -1 : ends[axis]!;
    return Math.max(0, Math.ceil((end - start) / steps[axis]!));
  });
  const whole = shape.every((size, axis) => size === x.shape[axis] && starts[axis] === 0 && steps[axis] === 1);
  if (whole) return x;
  const { graph } = trace;
  return trace.op(
    'Slice',
    [
      x,
      graph.integers(starts),
      graph.integers(ends),
      graph.integers(starts.map((_, axis) => axis)),
      graph.integers(steps),
    ],
    { shape, dtype: x.dtype },
  );
}

/** An end of a slice with a negative step that includes the first element. */
export const beforeFirst = -(2 ** 31);

/** One constant around a tensor, by axis before and after. */
export function padded(
  trace: TraceBackend,
  x: TensorInfo,
  paddings: readonly (readonly number[])[],
  value = 0,
): TensorInfo {
  if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
  const shape = x.shape.map((size, axis) => size + paddings[axis]![0]! + paddings[axis]![1]!);
  const amounts = [...paddings.map(([before]) => before!), ...paddings.map(([, after]) => after!)];
  return trace.op('Pad', [x, trace.graph.integers(amounts), trace.graph.scalar(value, x.dtype as DType)], {
    shape,
    dtype: x.dtype,
  });
}

/** Picks along one axis by positions known at the time of tracing. */
export function picked(trace: TraceBackend, x: TensorInfo, axis: number, positions: readonly number[]): TensorInfo {
  if (positions.length === x.shape[axis] && positions.every((position, index) => position === index)) return x;
  const shape = x.shape.with(axis, positions.length);
  const result = { shape, dtype: x.dtype };
  return trace.op('Gather', [x, trace.graph.integers(positions)], result, { attributes: { axis: { int: axis } } });
}

/** A reduction over axes that keeps them with size 1, or drops them. */
export function reduced(
  trace: TraceBackend,
  op: string,
  x: TensorInfo,
  axes: readonly number[],
  { keepDims = false }: { readonly keepDims?: boolean } = {},
): TensorInfo {
  const shape = keepDims
    ? x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : x.shape.filter((_, axis) => !axes.includes(axis));
  return trace.op(
    op,
    [x, trace.graph.integers(axes)],
    { shape, dtype: x.dtype },
    {
      attributes: { keepdims: { int: keepDims ? 1 : 0 }, noop_with_empty_axes: { int: 1 } },
    },
  );
}

/** A matrix product of floats whose batch axes are equal, or absent on the left. Counts its work. */
export function product(
  trace: TraceBackend,
  a: TensorInfo,
  b: TensorInfo,
  options: { readonly transposeA?: boolean; readonly transposeB?: boolean } = {},
): TensorInfo {
  const { transposeA = false, transposeB = false } = options;
  const batch = b.shape.length > a.shape.length ? b.shape.slice(0, -2) : a.shape.slice(0, -2);
  const shape = [...batch, a.shape.at(transposeA ? -1 : -2)!, b.shape.at(transposeB ? -2 : -1)!];
  trace.graph.countWork(2 * sizeOf(shape) * a.shape.at(transposeA ? -2 : -1)!);
  const result = { shape, dtype: 'float32' as const };
  if (!transposeA && !transposeB) return trace.op('MatMul', [a, b], result);
  return trace.op('FusedMatMul', [a, b], result, {
    domain: 'com.microsoft',
    attributes: { transA: { int: transposeA ? 1 : 0 }, transB: { int: transposeB ? 1 : 0 } },
  });
}

/** Tensors joined along an axis. */
export function concatenated(trace: TraceBackend, parts: readonly TensorInfo[], axis: number): TensorInfo {
  const first = parts[0]!;
  if (parts.length === 1) return first;
  const shape = first.shape.with(
    axis,
    parts.reduce((sum, part) => sum + part.shape[axis]!, 0),
  );
  return trace.op('Concat', parts, { shape, dtype: first.dtype }, { attributes: { axis: { int: axis } } });
}

/** Zeros into which values are added at flat positions; equal positions add up. Both are of rank 1. */
export function scattered(trace: TraceBackend, positions: string, values: TensorInfo, size: number): TensorInfo {
  const zeros = filled(trace, 0, [size], values.dtype as DType);
  return trace.op(
    'ScatterElements',
    [zeros, positions, values],
    { shape: [size], dtype: values.dtype },
    {
      attributes: { axis: { int: 0 }, reduction: { string: 'add' } },
    },
  );
}

/** What a kernel on floats gives for integers too: computed as floats, returned in the type `dtype`. */
export function throughFloats(
  trace: TraceBackend,
  x: TensorInfo,
  dtype: DataType,
  compute: (floats: TensorInfo) => TensorInfo,
): TensorInfo {
  return cast(trace, compute(cast(trace, x, 'float32')), dtype as DType);
}
