/**
 * How matrix products are recorded. Transposed operands are handed to ONNX Runtime's `FusedMatMul`, whose packing absorbs
 * the transposition (measured: as fast as the plain product).
 */
import { backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { activated } from './activation.ts';
import { registerTraceKernels, type TraceBackend } from './trace-backend.ts';

function matrixProduct(
  trace: TraceBackend,
  a: TensorInfo,
  b: TensorInfo,
  { transposeA, transposeB }: { readonly transposeA: boolean; readonly transposeB: boolean },
): TensorInfo {
  const batch = backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const rows = a.shape.at(transposeA ? -1 : -2)!;
  const columns = b.shape.at(transposeB ? -2 : -1)!;
  const result = { shape: [...batch, rows, columns], dtype: a.dtype };
  const inner = a.shape.at(transposeA ? -2 : -1)!;
  util.assert(
    inner === b.shape.at(transposeB ? -1 : -2),
    () =>
      `Error in matMul: inner shapes of [${a.shape.join()}] and [${b.shape.join()}] do not fit together with ` +
      `transposeA=${transposeA} and transposeB=${transposeB}`,
  );
  trace.graph.countWork(2 * util.sizeFromShape(result.shape) * inner);
  if (!transposeA && !transposeB) return trace.op('MatMul', [a, b], result);
  return trace.op('FusedMatMul', [a, b], result, {
    domain: 'com.microsoft',
    attributes: { transA: { int: transposeA ? 1 : 0 }, transB: { int: transposeB ? 1 : 0 } },
  });
}

registerTraceKernels({
  BatchMatMul: (trace, { a, b }, attributes) => matrixProduct(trace, a, b, attributes),
  _FusedMatMul: (trace, { a, b, bias, preluActivationWeights }, attributes) => {
    const product = matrixProduct(trace, a, b, attributes);
    const sum = bias ? trace.op('Add', [product, bias], product) : product;
    return activated(trace, sum, { ...attributes, slopes: preluActivationWeights });
  },
});
