/** Gathering where leading axes of data and indices belong together: each batch entry picks from its own data. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { asInt64, transposed } from './building-blocks.ts';
import type { TraceBackend } from './trace-backend.ts';

/** `x` with one axis moved to another place. */
function moved(trace: TraceBackend, x: TensorInfo, from: number, to: number): TensorInfo {
  const order = x.shape.map((_, axis) => axis).filter((axis) => axis !== from);
  order.splice(to, 0, from);
  return transposed(trace, x, order);
}

/** Gathers along `axis` where the first `batchDims` axes of data and indices belong together. */
export function batchGathered(
  trace: TraceBackend,
  x: TensorInfo,
  indices: TensorInfo,
  axis: number,
  batchDims: number,
): TensorInfo {
  const front = moved(trace, x, axis, batchDims); // [batch..., along, outer..., inner...]
  const shape = [...indices.shape, ...front.shape.slice(batchDims + 1)];
  const single = trace.graph.op('Reshape', [asInt64(trace, indices), trace.graph.integers([...indices.shape, 1])]);
  const gathered = trace.op(
    'GatherND',
    [front, single],
    { shape, dtype: x.dtype },
    {
      attributes: { batch_dims: { int: batchDims } },
    },
  ); // [batch..., indices..., outer..., inner...]
  const outer = axis - batchDims;
  const places = indices.shape.length - batchDims;
  const axes = (count: number, first: number) => Array.from({ length: count }, (_, index) => first + index);
  return transposed(trace, gathered, [
    ...axes(batchDims, 0),
    ...axes(outer, batchDims + places),
    ...axes(places, batchDims),
    ...axes(shape.length - batchDims - places - outer, batchDims + places + outer),
  ]);
}
