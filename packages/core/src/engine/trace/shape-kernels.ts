/** How TensorFlow.js kernels that move or repeat elements are recorded: reshape, transpose, slice, gather, pad, … */
import { backend_util, slice_util, util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { DType } from '../../contracts/tensors.ts';
import { TransfuseError } from '../../errors/index.ts';
import { onnxElementType } from '../onnx/element-type.ts';
import { registerTraceKernels, type TraceBackend } from './trace-backend.ts';

function filled(trace: TraceBackend, value: number, shape: readonly number[], dtype: DType): TensorInfo {
  return trace.op('Expand', [trace.graph.scalar(value, dtype), trace.graph.integers(shape)], { shape, dtype });
}

function asInt64(trace: TraceBackend, x: TensorInfo): string {
  return trace.graph.op('Cast', [trace.nameOf(x)], { attributes: { to: { int: onnxElementType('int64') } } });
}

function unsupportedBatchDims(batchDims: number): TransfuseError {
  return new TransfuseError({
    code: 'engine.unsupported-op',
    place: 'compiled function',
    found: `gather (kernel GatherV2) with batchDims ${batchDims}`,
    expected: 'gather without batchDims',
    mend: 'Flatten the batch into the indices, or choose the eager engine (engine: { name: "eager" }).',
  });
}

const axisOf = (axis: number, x: TensorInfo): number => util.parseAxisParam(axis, x.shape)[0]!;

registerTraceKernels({
  Reshape: (trace, { x }, { shape }) =>
    trace.reshape(x, util.inferFromImplicitShape(shape, util.sizeFromShape(x.shape))),
  ExpandDims: (trace, { input }, { dim }) => {
    const shape = input.shape.slice();
    shape.splice(dim < 0 ? shape.length + dim + 1 : dim, 0, 1);
    return trace.reshape(input, shape);
  },
  Transpose: (trace, { x }, { perm }) => {
    const order = perm;
    const shape = order.map((axis) => x.shape[axis]!);
    const moved = order.filter((axis) => x.shape[axis] !== 1);
    if (moved.every((axis, index) => index === 0 || axis > moved[index - 1]!)) return trace.reshape(x, shape);
    return trace.op('Transpose', [x], { shape, dtype: x.dtype }, { attributes: { perm: { ints: order } } });
  },
  Concat: (trace, inputs, { axis }) => {
    const parts = Object.values(inputs) as TensorInfo[];
    const along = axisOf(axis, parts[0]!);
    const shape = parts[0]!.shape.slice();
    shape[along] = parts.reduce((sum, part) => sum + part.shape[along]!, 0);
    return trace.op('Concat', parts, { shape, dtype: parts[0]!.dtype }, { attributes: { axis: { int: along } } });
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
    const { graph } = trace;
    return trace.op(
      'Slice',
      [
        x,
        graph.integers(starts),
        graph.integers(starts.map((start, axis) => start + sizes[axis]!)),
        graph.integers(starts.map((_, axis) => axis)),
      ],
      { shape: sizes, dtype: x.dtype },
    );
  },
  PadV2: (trace, { x }, { paddings, constantValue }) => {
    const pads = paddings;
    const shape = x.shape.map((size, axis) => size + pads[axis]![0] + pads[axis]![1]);
    const amounts = trace.graph.integers([...pads.map(([before]) => before), ...pads.map(([, after]) => after)]);
    return trace.op('Pad', [x, amounts, trace.graph.scalar(constantValue, x.dtype as DType)], {
      shape,
      dtype: x.dtype,
    });
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
    if (batchDims) throw unsupportedBatchDims(batchDims);
    const along = axisOf(axis, x);
    const shape = [...x.shape.slice(0, along), ...indices.shape, ...x.shape.slice(along + 1)];
    return trace.op('Gather', [x, indices], { shape, dtype: x.dtype }, { attributes: { axis: { int: along } } });
  },
  UnsortedSegmentSum: (trace, { x, segmentIds }, { numSegments }) => {
    const shape = [numSegments, ...x.shape.slice(1)];
    const count = segmentIds.shape[0]!;
    const rows = trace.graph.op('Reshape', [asInt64(trace, segmentIds), trace.graph.integers([count, 1])]);
    return trace.op(
      'ScatterND',
      [filled(trace, 0, shape, x.dtype as DType), rows, x],
      { shape, dtype: x.dtype },
      { attributes: { reduction: { string: 'add' } } },
    );
  },
  OneHot: (trace, { indices }, { depth, onValue, offValue, dtype }) => {
    const { graph } = trace;
    const off = graph.scalar(offValue, 'float32');
    const shape = [...indices.shape, depth];
    const classes = graph.integers(Array.from({ length: depth }, (_, index) => index));
    const ids = graph.op('Reshape', [asInt64(trace, indices), graph.integers([...indices.shape, 1])]);
    const hit = trace.op('Equal', [ids, classes], { shape, dtype: 'bool' });
    const values = trace.op('Where', [hit, graph.scalar(onValue, 'float32'), off], { shape, dtype: 'float32' });
    if (dtype === 'float32') return values;
    return trace.op('Cast', [values], { shape, dtype }, { attributes: { to: { int: onnxElementType(dtype) } } });
  },
  Range: (trace, _, { start, stop, step: wanted, dtype }) => {
    const step = stop < start && wanted === 1 ? -1 : wanted; // as TensorFlow.js counts down where no step is given
    const values = util.makeZerosTypedArray(Math.max(0, Math.ceil((stop - start) / step)), dtype) as Float32Array;
    for (let index = 0; index < values.length; index++) values[index] = start + index * step;
    return trace.info(trace.graph.constant({ data: values, shape: [values.length], dtype }), [values.length], dtype);
  },
});
