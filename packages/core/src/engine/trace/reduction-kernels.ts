/** How TensorFlow.js's reductions, running sums and products, and softmaxes are recorded. */
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { cast, filled, reduced, sliced } from './building-blocks.ts';
import type { KernelAttributes, TraceKernel } from './kernel-signature.ts';
import { registerTraceKernels, type TraceBackend } from './trace-backend.ts';

const axesOf = (x: TensorInfo, { axis, reductionIndices }: KernelAttributes) =>
  util.parseAxisParam(reductionIndices ?? axis, x.shape);

const reduction =
  (op: string): TraceKernel =>
  (trace, { x }, attributes) =>
    reduced(trace, op, x, axesOf(x, attributes), { keepDims: attributes.keepDims });

/** Booleans have no reductions in ONNX; as integers the smallest says whether all are true, the largest whether any is. */
const ofFlags =
  (op: string): TraceKernel =>
  (trace, { x }, attributes) => {
    const options = { keepDims: attributes.keepDims };
    return cast(trace, reduced(trace, op, cast(trace, x, 'int32'), axesOf(x, attributes), options), 'bool');
  };

const extremum =
  (op: string): TraceKernel =>
  (trace, { x }, { axis }) => {
    const along = util.parseAxisParam(axis, x.shape)[0]!;
    const shape = x.shape.filter((_, index) => index !== along);
    const wide = trace.graph.op(op, [trace.nameOf(x)], { attributes: { axis: { int: along }, keepdims: { int: 0 } } });
    return cast(trace, trace.info(wide, shape, 'float32'), 'int32');
  };

/** Running products by doubling: after the step with distance d each element is the product of the last 2 d. */
function runningProduct(trace: TraceBackend, x: TensorInfo, axis: number, { exclusive, reverse }: KernelAttributes) {
  const size = x.shape[axis]!;
  const shifted = (values: TensorInfo, by: number): TensorInfo => {
    const kept = sliced(
      trace,
      values,
      x.shape.map((_, at) => (at === axis && reverse ? Math.min(by, size) : 0)),
      x.shape.map((length, at) => (at === axis && !reverse ? Math.max(0, length - by) : length)),
    );
    const ones = filled(trace, 1, x.shape.with(axis, by), x.dtype as 'float32');
    return trace.op('Concat', reverse ? [kept, ones] : [ones, kept], x, { attributes: { axis: { int: axis } } });
  };
  let products = exclusive ? (size === 1 ? filled(trace, 1, x.shape, x.dtype as 'float32') : shifted(x, 1)) : x;
  for (let distance = 1; distance < size; distance *= 2) {
    products = trace.op('Mul', [products, shifted(products, distance)], x);
  }
  return products;
}

registerTraceKernels({
  All: ofFlags('ReduceMin'),
  Any: ofFlags('ReduceMax'),
  Sum: reduction('ReduceSum'),
  Mean: (trace, { x }, attributes) =>
    reduced(trace, 'ReduceMean', cast(trace, x, 'float32'), axesOf(x, attributes), { keepDims: attributes.keepDims }),
  Max: reduction('ReduceMax'),
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd'),
  ArgMax: extremum('ArgMax'),
  ArgMin: extremum('ArgMin'),
  Cumsum: (trace, { x }, { axis, exclusive, reverse }) => {
    const along = trace.graph.integers(util.parseAxisParam(axis, x.shape), []);
    const attributes = { exclusive: { int: exclusive ? 1 : 0 }, reverse: { int: reverse ? 1 : 0 } };
    return trace.op('CumSum', [x, along], x, { attributes });
  },
  Cumprod: (trace, { x }, attributes) =>
    runningProduct(trace, x, util.parseAxisParam(attributes.axis, x.shape)[0]!, attributes),
  Softmax: (trace, { logits }, { dim }) =>
    trace.op('Softmax', [logits], logits, { attributes: { axis: { int: dim } } }),
  LogSoftmax: (trace, { logits }, { axis }) =>
    trace.op('LogSoftmax', [logits], logits, { attributes: { axis: { int: axis } } }),
});
