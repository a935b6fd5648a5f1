/** How TensorFlow.js kernels of one tensor, element by element, are recorded. */
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { DType } from '../../contracts/tensors.ts';
import { leakyRelu, relu6 } from './activation.ts';
import { cast, filled, throughFloats } from './building-blocks.ts';
import type { TraceKernel } from './kernel-signature.ts';
import { registerTraceKernels, type TraceBackend } from './trace-backend.ts';

/** An operator of ONNX that takes integers as well. */
const unary =
  (
    op: string,
    wrap: (trace: TraceBackend, x: TensorInfo) => readonly (TensorInfo | string)[] = (_, x) => [x],
  ): TraceKernel =>
  (trace, { x }) =>
    trace.op(op, wrap(trace, x), x);

/** An operator of ONNX that takes floats only; of integers the floats are taken and the result is cut, as the CPU backend does. */
const ofFloats =
  (op: string): TraceKernel =>
  (trace, { x }) =>
    throughFloats(trace, x, x.dtype, (floats) => trace.op(op, [floats], floats));

/** An operator that always gives floats. */
const toFloats =
  (compute: (trace: TraceBackend, x: TensorInfo, attributes: Parameters<TraceKernel>[2]) => TensorInfo): TraceKernel =>
  (trace, { x }, attributes) =>
    compute(trace, cast(trace, x, 'float32'), attributes);

/** A test of floats; integers are always finite. */
const ofNumbers =
  (integers: boolean, test: (trace: TraceBackend, x: TensorInfo) => TensorInfo): TraceKernel =>
  (trace, { x }) =>
    x.dtype === 'float32' ? test(trace, x) : filled(trace, integers ? 1 : 0, x.shape, 'bool');

const flags = (trace: TraceBackend, op: string, inputs: readonly TensorInfo[]) =>
  trace.op(op, inputs, { shape: inputs[0]!.shape, dtype: 'bool' });

/** A constant of the tensor's own type, because ONNX wants types equal; a bound beyond 32-bit integers becomes the outermost one. */
const scalar = (trace: TraceBackend, value: number, x: TensorInfo) =>
  trace.graph.scalar(
    x.dtype === 'int32' ? Math.min(Math.max(value, -(2 ** 31)), 2 ** 31 - 1) : value,
    x.dtype as DType,
  );

const one = (trace: TraceBackend, x: TensorInfo) => scalar(trace, 1, x);

registerTraceKernels({
  Abs: unary('Abs'),
  Acos: ofFloats('Acos'),
  Acosh: ofFloats('Acosh'),
  Asin: ofFloats('Asin'),
  Asinh: ofFloats('Asinh'),
  Atan: ofFloats('Atan'),
  Atanh: ofFloats('Atanh'),
  Ceil: ofFloats('Ceil'),
  Cos: ofFloats('Cos'),
  Cosh: ofFloats('Cosh'),
  Elu: ofFloats('Elu'),
  Erf: ofFloats('Erf'),
  Exp: ofFloats('Exp'),
  Floor: ofFloats('Floor'),
  Identity: unary('Identity'),
  IsFinite: ofNumbers(true, (trace, x) => {
    const odd = flags(trace, 'Or', [flags(trace, 'IsNaN', [x]), flags(trace, 'IsInf', [x])]);
    return flags(trace, 'Not', [odd]);
  }),
  IsInf: ofNumbers(false, (trace, x) => flags(trace, 'IsInf', [x])),
  IsNan: ofNumbers(false, (trace, x) => flags(trace, 'IsNaN', [x])),
  LeakyRelu: toFloats((trace, x, { alpha }) => leakyRelu(trace, x, alpha)),
  Log: ofFloats('Log'),
  LogicalNot: unary('Not'),
  Neg: unary('Neg'),
  Reciprocal: ofFloats('Reciprocal'),
  Relu: unary('Relu'),
  Relu6: (trace, { x }) => throughFloats(trace, x, x.dtype, (floats) => relu6(trace, floats)),
  Round: ofFloats('Round'),
  Selu: toFloats((trace, x) =>
    trace.op('Selu', [x], x, {
      attributes: {
        alpha: { float: backend_util.SELU_SCALEALPHA / backend_util.SELU_SCALE },
        gamma: { float: backend_util.SELU_SCALE },
      },
    }),
  ),
  Sigmoid: ofFloats('Sigmoid'),
  Sign: unary('Sign'),
  Sin: ofFloats('Sin'),
  Sinh: ofFloats('Sinh'),
  Softplus: ofFloats('Softplus'),
  Sqrt: ofFloats('Sqrt'),
  Square: unary('Mul', (_, x) => [x, x]),
  Tan: ofFloats('Tan'),
  Tanh: ofFloats('Tanh'),
  Rsqrt: (trace, { x }) => trace.op('Reciprocal', [trace.op('Sqrt', [x], x)], x),
  Expm1: (trace, { x }) => {
    // exp(x) - 1 = tanh(x / 2) (exp(x) + 1): no cancellation where x is small.
    const slope = trace.op('Tanh', [trace.op('Mul', [x, trace.graph.scalar(0.5, 'float32')], x)], x);
    return trace.op('Mul', [slope, trace.op('Add', [trace.op('Exp', [x], x), one(trace, x)], x)], x);
  },
  Log1p: (trace, { x }) => {
    // With u = 1 + x rounded, x log(u) / (u - 1) cancels the rounding of u; where u is 1, log(1 + x) is x (Goldberg 1991).
    const u = trace.op('Add', [x, one(trace, x)], x);
    const rounded = trace.op('Sub', [u, one(trace, x)], x);
    const tiny = trace.op('Equal', [u, one(trace, x)], { shape: x.shape, dtype: 'bool' });
    const ratio = trace.op('Div', [x, trace.op('Where', [tiny, one(trace, x), rounded], x)], x);
    return trace.op('Where', [tiny, x, trace.op('Mul', [trace.op('Log', [u], x), ratio], x)], x);
  },
  Step: (trace, { x }, { alpha }) => {
    const positive = trace.op('Greater', [x, scalar(trace, 0, x)], { shape: x.shape, dtype: 'bool' });
    return trace.op('Where', [positive, one(trace, x), scalar(trace, alpha ?? 0, x)], x);
  },
  ClipByValue: (trace, { x }, { clipValueMin, clipValueMax }) =>
    trace.op('Clip', [x, scalar(trace, clipValueMin, x), scalar(trace, clipValueMax, x)], x),
});
