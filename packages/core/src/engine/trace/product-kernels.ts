/**
 * How matrix products, reductions and softmaxes are recorded. Transposed operands are handed to ONNX Runtime's
 * `FusedMatMul`, whose packing absorbs the transposition (measured: as fast as the plain product).
 */
import { backend_util, util } from '@tensorflow/tfjs-core';
import { onnxElementType } from '../onnx/element-type.ts';
import { registerTraceKernels, type TraceKernel } from './trace-backend.ts';

/** TensorFlow.js names the axes of `Max` unlike those of every other reduction. */
type ReductionAttributes = Parameters<TraceKernel>[2] & { readonly reductionIndices?: number | number[] };

const reduction =
  (op: string): TraceKernel =>
  (trace, { x }, attributes) => {
    const { axis, reductionIndices, keepDims } = attributes as ReductionAttributes;
    const axes = util.parseAxisParam(reductionIndices ?? axis, x.shape);
    const shape = keepDims
      ? x.shape.map((size, index) => (axes.includes(index) ? 1 : size))
      : x.shape.filter((_, index) => !axes.includes(index));
    const result = { shape, dtype: x.dtype };
    return trace.op(op, [x, trace.graph.integers(axes)], result, {
      attributes: { keepdims: { int: keepDims ? 1 : 0 }, noop_with_empty_axes: { int: 1 } },
    });
  };

const extremum =
  (op: string): TraceKernel =>
  (trace, { x }, { axis }) => {
    const along = util.parseAxisParam(axis, x.shape)[0]!;
    const shape = x.shape.filter((_, index) => index !== along);
    const wide = trace.graph.op(op, [trace.nameOf(x)], { attributes: { axis: { int: along }, keepdims: { int: 0 } } });
    return trace.op('Cast', [wide], { shape, dtype: 'int32' }, { attributes: { to: { int: 6 } } });
  };

const mean = reduction('ReduceMean');

registerTraceKernels({
  BatchMatMul: (trace, { a, b }, { transposeA, transposeB }) => {
    const batch = backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const rows = a.shape.at(transposeA ? -1 : -2)!;
    const columns = b.shape.at(transposeB ? -2 : -1)!;
    const result = { shape: [...batch, rows, columns], dtype: a.dtype };
    const inner = a.shape.at(transposeA ? -2 : -1)!;
    trace.graph.countWork(2 * util.sizeFromShape(result.shape) * inner);
    if (!transposeA && !transposeB) return trace.op('MatMul', [a, b], result);
    return trace.op('FusedMatMul', [a, b], result, {
      domain: 'com.microsoft',
      attributes: { transA: { int: transposeA ? 1 : 0 }, transB: { int: transposeB ? 1 : 0 } },
    });
  },
  Sum: reduction('ReduceSum'),
  Mean: (trace, { x, ...inputs }, attributes) => {
    const floats =
      x.dtype === 'float32'
        ? x
        : trace.op(
            'Cast',
            [x],
            { shape: x.shape, dtype: 'float32' },
            { attributes: { to: { int: onnxElementType('float32') } } },
          );
    return mean(trace, { ...inputs, x: floats }, attributes);
  },
  Max: reduction('ReduceMax'),
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd'),
  ArgMax: extremum('ArgMax'),
  ArgMin: extremum('ArgMin'),
  Softmax: (trace, { logits }, { dim }) =>
    trace.op('Softmax', [logits], logits, { attributes: { axis: { int: dim } } }),
  LogSoftmax: (trace, { logits }, { axis }) =>
    trace.op('LogSoftmax', [logits], logits, { attributes: { axis: { int: axis } } }),
});
