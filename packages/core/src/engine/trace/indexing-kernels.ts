/**
 * How TensorFlow.js kernels are recorded that pick or place elements by indices that are computed: gathering, scattering,
 * counting, the largest elements, search in sorted rows.
 */
import { backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { DType } from '../../contracts/tensors.ts';
import { asInt64, cast, constant, filled, reduced, sliced } from './building-blocks.ts';
import { segmentSum } from './segment-sum.ts';
import { registerTraceKernels, type TraceBackend } from './trace-backend.ts';

const dtypeOf = ({ dtype }: TensorInfo) => dtype as DType;

/** Values put into a tensor at rows of indices. */
function placed(trace: TraceBackend, into: TensorInfo, indices: TensorInfo, values: TensorInfo): TensorInfo {
  return trace.op('ScatterND', [into, asInt64(trace, indices), values], into);
}

/** The row of every index `[…, K]` when the first K axes of `shape` are one. */
function flatRows(trace: TraceBackend, indices: TensorInfo, shape: readonly number[]): TensorInfo {
  const depth = indices.shape.at(-1)!;
  const strides = Array.from({ length: depth }, (_, axis) => util.sizeFromShape(shape.slice(axis + 1, depth)));
  const scaled = trace.op('Mul', [indices, constant(trace, strides, [depth], 'int32')], indices);
  return reduced(trace, 'ReduceSum', scaled, [indices.shape.length - 1]);
}

/** How often, or with which sum of weights, each number below `size` occurs in each row of `x` `[R, N]`. */
function rowCounts(
  trace: TraceBackend,
  x: TensorInfo,
  weights: TensorInfo,
  size: number,
  { binary = false }: { readonly binary?: boolean } = {},
): TensorInfo {
  const rows = x.shape[0]!;
  const unweighted = binary || util.sizeFromShape(weights.shape) === 0;
  const ones = () => filled(trace, 1, x.shape, dtypeOf(weights));
  const values = unweighted ? ones() : trace.reshape(weights, x.shape);
  const last = trace.graph.scalar(size, 'int32'); // numbers beyond the end share one more bin, which is cut off
  const bins = asInt64(trace, trace.op('Min', [x, last], x));
  const zeros = filled(trace, 0, [rows, size + 1], dtypeOf(weights));
  const sums = trace.op('ScatterElements', [zeros, bins, values], zeros, {
    attributes: { axis: { int: 1 }, reduction: { string: binary ? 'none' : 'add' } },
  });
  return sliced(trace, sums, [0, 0], [rows, size]);
}

registerTraceKernels({
  GatherNd: (trace, { params, indices }) => {
    const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(indices.shape.at(-1)!)];
    return trace.op('GatherND', [params, asInt64(trace, indices)], { shape, dtype: params.dtype });
  },
  ScatterNd: (trace, { indices, updates }, { shape }) => {
    const rows = util.sizeFromShape(shape.slice(0, indices.shape.at(-1)!));
    return trace.reshape(segmentSum(trace, updates, flatRows(trace, indices, shape), rows), shape);
  },
  TensorScatterUpdate: (trace, { tensor, indices, updates }) => placed(trace, tensor, indices, updates),
  SparseToDense: (trace, { sparseIndices, sparseValues, defaultValue }, { outputShape }) => {
    const rank = outputShape.length;
    const count = util.sizeFromShape(sparseIndices.shape) / rank;
    const values = trace.op('Expand', [sparseValues, trace.graph.integers([count])], {
      shape: [count],
      dtype: sparseValues.dtype,
    });
    const dense = trace.op('Expand', [defaultValue, trace.graph.integers(outputShape)], {
      shape: outputShape,
      dtype: sparseValues.dtype,
    });
    return placed(trace, dense, trace.reshape(sparseIndices, [count, rank]), values);
  },
  TopK: (trace, { x }, { k }) => {
    const shape = [...x.shape.slice(0, -1), k];
    const [values, positions] = trace.graph.node('TopK', [trace.nameOf(x), trace.graph.integers([k])], 2, {
      attributes: { axis: { int: -1 }, largest: { int: 1 }, sorted: { int: 1 } },
    });
    return [trace.info(values!, shape, x.dtype), cast(trace, trace.info(positions!, shape, 'float32'), 'int32')];
  },
  Bincount: (trace, { x, weights }, { size }) => {
    const row = trace.reshape(x, [1, util.sizeFromShape(x.shape)]);
    return trace.reshape(rowCounts(trace, row, weights, size as number), [size as number]);
  },
  DenseBincount: (trace, { x, weights }, { size, binaryOutput }) => {
    if (x.shape.length === 2) return rowCounts(trace, x, weights, size as number, { binary: binaryOutput ?? false });
    const row = trace.reshape(x, [1, util.sizeFromShape(x.shape)]);
    return trace.reshape(rowCounts(trace, row, weights, size as number), [size as number]);
  },
  SearchSorted: (trace, { sortedSequence, values }, { side }) => {
    const [rows, length] = sortedSequence.shape as [number, number];
    const shape = [rows, values.shape[1]!, length];
    const sorted = trace.reshape(sortedSequence, [rows, 1, length]);
    const wanted = trace.reshape(values, [rows, values.shape[1]!, 1]);
    const before = trace.op(side === 'left' ? 'Less' : 'LessOrEqual', [sorted, wanted], { shape, dtype: 'bool' });
    return reduced(trace, 'ReduceSum', cast(trace, before, 'int32'), [2]);
  },
  Diag: (trace, { x }) => {
    const size = util.sizeFromShape(x.shape);
    const shape = [size, size];
    const eye = Array.from({ length: size * size }, (_, index) => (index % (size + 1) === 0 ? 1 : 0));
    const zero = trace.graph.scalar(0, dtypeOf(x));
    const column = trace.reshape(x, [size, 1]);
    const square = trace.op('Where', [constant(trace, eye, shape, 'bool'), column, zero], { shape, dtype: x.dtype });
    return trace.reshape(square, [...x.shape, ...x.shape]);
  },
  BroadcastArgs: (trace, { s0, s1 }) => {
    const rank = Math.max(s0.shape[0]!, s1.shape[0]!);
    const [a, b] = [s0, s1].map((shape) => {
      const lacking = rank - shape.shape[0]!;
      if (lacking === 0) return shape;
      const ones = constant(trace, Array(lacking).fill(1), [lacking], 'int32');
      return trace.op('Concat', [ones, shape], { shape: [rank], dtype: 'int32' }, { attributes: { axis: { int: 0 } } });
    });
    const single = trace.op('Equal', [a!, trace.graph.scalar(1, 'int32')], { shape: [rank], dtype: 'bool' });
    return trace.op('Where', [single, b!, a!], a!);
  },
  Einsum: (trace, inputs, { equation }) => {
    const operands = Object.values(inputs) as TensorInfo[];
    const terms = equation.replaceAll(/\s/g, '');
    const [left = '', right = ''] = terms.split('->');
    const { allDims, idDims } = backend_util.decodeEinsumEquation(terms, operands.length); // refuses what TensorFlow.js refuses
    backend_util.checkEinsumDimSizes(allDims.length, idDims, operands as never);
    const sizes = new Map(
      left.split(',').flatMap((term, index) => [...term].map((axis, at) => [axis, operands[index]!.shape[at]!])),
    );
    const shape = [...right].map((axis) => sizes.get(axis)!);
    const extents = [...sizes.values()].reduce((total, size) => total * size, 1);
    trace.graph.countWork(2 * extents);
    return trace.op(
      'Einsum',
      operands,
      { shape, dtype: operands[0]!.dtype },
      { attributes: { equation: { string: terms } } },
    );
  },
});
