/** How TensorFlow.js kernels that move or repeat elements are recorded: reshape, transpose, slice, gather, pad, … */
import { backend_util, slice_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { DType } from '../../contracts/tensors.ts';
import { asInt64, cast, constant, filled, padded, sliced, transposed } from './building-blocks.ts';
import { batchGathered } from './batch-gather.ts';
import { segmentSum } from './segment-sum.ts';
import { registerTraceKernels } from './trace-backend.ts';

const axisOf = (axis: number, x: TensorInfo): number => util.parseAxisParam(axis, x.shape)[0]!;

registerTraceKernels({
  Reshape: (trace, { x }, { shape }) =>
    trace.reshape(x, util.inferFromImplicitShape(shape, util.sizeFromShape(x.shape))),
  ExpandDims: (trace, { input }, { dim }) => {
    const shape = input.shape.slice();
    shape.splice(dim < 0 ? shape.length + dim + 1 : dim, 0, 1);
    return trace.reshape(input, shape);
  },
  Transpose: (trace, { x }, { perm }) => transposed(trace, x, perm),
  Concat: (trace, inputs, { axis }) => {
    const parts = Object.values(inputs) as TensorInfo[];
    const [first] = parts as [TensorInfo];
    const along = axisOf(axis, first);
    const shapes = parts.map((part) => part.shape);
    backend_util.assertParamsConsistent(shapes, along);
    const shape = backend_util.computeOutShape(shapes, along);
    const alike = parts.map((part) => cast(trace, part, first.dtype as DType));
    return trace.op('Concat', alike, { shape, dtype: first.dtype }, { attributes: { axis: { int: along } } });
  },
  SplitV: (trace, { x }, { numOrSizeSplits, axis }) => {
    const along = axisOf(axis, x);
    const sizes = backend_util.prepareSplitSize(x as never, numOrSizeSplits, along);
    const names = trace.graph.node('Split', [trace.nameOf(x), trace.graph.integers(sizes)], sizes.length, {
      attributes: { axis: { int: along } },
    });
    return sizes.map((size, index) => {
      const shape = x.shape.slice();
      shape[along] = size;
      return trace.info(names[index]!, shape, x.dtype);
    });
  },
  Slice: (trace, { x }, { begin, size }) => {
    const [starts, sizes] = slice_util.parseSliceParams(x as never, begin, size) as [number[], number[]];
    slice_util.assertParamsValid(x as never, starts, sizes);
    return sliced(
      trace,
      x,
      starts,
      starts.map((start, axis) => start + sizes[axis]!),
    );
  },
  PadV2: (trace, { x }, { paddings, constantValue }) => {
    const rank = x.shape.length;
    util.assert(paddings.length === rank, () => `Error in pad: ${paddings.length} paddings for ${rank} axes`);
    return padded(trace, x, paddings, constantValue);
  },
  Tile: (trace, { x }, { reps }) => {
    const repeats = reps;
    const shape = x.shape.map((size, axis) => size * repeats[axis]!);
    return trace.op('Tile', [x, trace.graph.integers(repeats)], { shape, dtype: x.dtype });
  },
  BroadcastTo: (trace, { x }, { shape }) =>
    trace.op('Expand', [x, trace.graph.integers(shape)], { shape, dtype: x.dtype }),
  Fill: (trace, _, { shape, value, dtype }) => filled(trace, value, shape, dtype ?? 'float32'),
  ZerosLike: (trace, { x }) => filled(trace, 0, x.shape, x.dtype as DType),
  OnesLike: (trace, { x }) => filled(trace, 1, x.shape, x.dtype as DType),
  Pack: (trace, inputs, { axis }) => {
    const parts = Object.values(inputs) as TensorInfo[];
    for (const part of parts) util.assertShapesMatch(part.shape, parts[0]!.shape, 'Error in stack: ');
    const rank = parts[0]!.shape.length + 1;
    const along = (axis + rank) % rank;
    const single = parts[0]!.shape.slice();
    single.splice(along, 0, 1);
    const shape = single.slice();
    shape[along] = parts.length;
    return trace.op(
      'Concat',
      parts.map((part) => trace.reshape(part, single)),
      { shape, dtype: parts[0]!.dtype },
      { attributes: { axis: { int: along } } },
    );
  },
  Unpack: (trace, { value }, { axis }) => {
    const along = axisOf(axis, value);
    const count = value.shape[along]!;
    const names = trace.graph.node(
      'Split',
      [trace.nameOf(value), trace.graph.integers(Array<number>(count).fill(1))],
      count,
      {
        attributes: { axis: { int: along } },
      },
    );
    const slab = value.shape.slice();
    slab[along] = 1;
    const shape = value.shape.filter((_, index) => index !== along);
    return names.map((name) => trace.reshape(trace.info(name, slab, value.dtype), shape));
  },
  GatherV2: (trace, { x, indices }, { axis, batchDims }) => {
    const along = axisOf(axis, x);
    if (batchDims) return batchGathered(trace, x, indices, along, batchDims);
    const shape = [...x.shape.slice(0, along), ...indices.shape, ...x.shape.slice(along + 1)];
    return trace.op('Gather', [x, indices], { shape, dtype: x.dtype }, { attributes: { axis: { int: along } } });
  },
  UnsortedSegmentSum: (trace, { x, segmentIds }, { numSegments }) => {
    const leading = x.shape.slice(0, segmentIds.shape.length);
    util.assertShapesMatch(segmentIds.shape, leading, 'Error in unsortedSegmentSum, ids and values: ');
    return segmentSum(trace, x, segmentIds, numSegments);
  },
  OneHot: (trace, { indices }, { depth, onValue, offValue, dtype }) => {
    const { graph } = trace;
    const off = graph.scalar(offValue, 'float32');
    const shape = [...indices.shape, depth];
    const classes = graph.integers(Array.from({ length: depth }, (_, index) => index));
    const ids = graph.op('Reshape', [asInt64(trace, indices), graph.integers([...indices.shape, 1])]);
    const hit = trace.op('Equal', [ids, classes], { shape, dtype: 'bool' });
    const values = trace.op('Where', [hit, graph.scalar(onValue, 'float32'), off], { shape, dtype: 'float32' });
    return cast(trace, values, dtype);
  },
  Range: (trace, _, { start, stop, step: wanted, dtype }) => {
    const step = stop < start && wanted === 1 ? -1 : wanted; // as TensorFlow.js counts down where no step is given
    const values = util.makeZerosTypedArray(Math.max(0, Math.ceil((stop - start) / step)), dtype) as Float32Array;
    for (let index = 0; index < values.length; index++) values[index] = start + index * step;
    return constant(trace, values, [values.length], dtype);
  },
  LinSpace: (trace, _, { start, stop, num }) => {
    const values = new Float32Array(num).fill(start);
    for (let index = 1; index < num; index++) values[index] = values[index - 1]! + (stop - start) / (num - 1);
    return constant(trace, values, [num]);
  },
});
