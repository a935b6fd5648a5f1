/** The activation functions that TensorFlow.js fuses into convolutions and matrix products, and those of its layers. */
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { TraceBackend } from './trace-backend.ts';

const floatScalar = (trace: TraceBackend, value: number) => trace.graph.scalar(value, 'float32');

/** max(0, min(x, 6)). */
export function relu6(trace: TraceBackend, x: TensorInfo): TensorInfo {
  return trace.op('Clip', [x, floatScalar(trace, 0), floatScalar(trace, 6)], x);
}

/** x where it is positive, `alpha` x elsewhere. */
export function leakyRelu(trace: TraceBackend, x: TensorInfo, alpha: number): TensorInfo {
  return trace.op('LeakyRelu', [x], x, { attributes: { alpha: { float: alpha } } });
}

/** x where it is positive, `alpha` x elsewhere, with learnt slopes that broadcast. */
export function prelu(trace: TraceBackend, x: TensorInfo, alpha: TensorInfo): TensorInfo {
  const shape = backend_util.assertAndGetBroadcastShape(x.shape, alpha.shape);
  const negative = trace.op('Less', [x, floatScalar(trace, 0)], { shape: x.shape, dtype: 'bool' });
  const scaled = trace.op('Mul', [alpha, x], { shape, dtype: 'float32' });
  return trace.op('Where', [negative, scaled, x], scaled);
}

/** What a fused kernel does to its sum. */
export interface FusedActivation {
  readonly activation: string | undefined;
  readonly slopes: TensorInfo | undefined;
  readonly leakyreluAlpha: number | undefined;
}

/** Applies the activation of a fused kernel. */
export function activated(trace: TraceBackend, x: TensorInfo, fused: FusedActivation): TensorInfo {
  switch (fused.activation ?? 'linear') {
    case 'linear':
      return x;
    case 'relu':
      return trace.op('Relu', [x], x);
    case 'elu':
      return trace.op('Elu', [x], x);
    case 'sigmoid':
      return trace.op('Sigmoid', [x], x);
    case 'relu6':
      return relu6(trace, x);
    case 'leakyrelu':
      return leakyRelu(trace, x, fused.leakyreluAlpha ?? 0.2);
    case 'prelu':
      return prelu(trace, x, fused.slopes!);
    default:
      throw trace.refuse({
        code: 'engine.unsupported-op',
        found: `the fused activation ${fused.activation}`,
        expected: 'linear, relu, relu6, prelu, leakyrelu, elu or sigmoid',
        mend: 'Apply the activation as an operation of its own, or choose the eager engine (engine: { name: "eager" }).',
      });
  }
}
