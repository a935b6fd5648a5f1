/** How elementwise TensorFlow.js kernels are recorded: arithmetic, comparison, logic and unary functions. */
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { DType } from '../../contracts/tensors.ts';
import { onnxElementType } from '../onnx/element-type.ts';
import { registerTraceKernels, type TraceBackend, type TraceKernel } from './trace-backend.ts';

const shapeOf = (a: TensorInfo, b: TensorInfo) => backend_util.assertAndGetBroadcastShape(a.shape, b.shape);

const binary =
  (op: string): TraceKernel =>
  (trace, { a, b }) =>
    trace.op(op, [a, b], { shape: shapeOf(a, b), dtype: a.dtype });

const comparison =
  (op: string): TraceKernel =>
  (trace, { a, b }) =>
    trace.op(op, [a, b], { shape: shapeOf(a, b), dtype: 'bool' });

const unary =
  (
    op: string,
    wrap: (trace: TraceBackend, x: TensorInfo) => readonly (TensorInfo | string)[] = (_, x) => [x],
  ): TraceKernel =>
  (trace, { x }) =>
    trace.op(op, wrap(trace, x), x);

/** A constant of the tensor's own type, because ONNX wants types equal; a bound beyond 32-bit integers becomes the outermost one. */
const scalar = (trace: TraceBackend, value: number, x: TensorInfo) =>
  trace.graph.scalar(
    x.dtype === 'int32' ? Math.min(Math.max(value, -(2 ** 31)), 2 ** 31 - 1) : value,
    x.dtype as DType,
  );

const one = (trace: TraceBackend, x: TensorInfo) => scalar(trace, 1, x);

registerTraceKernels({
  Add: binary('Add'),
  Sub: binary('Sub'),
  Multiply: binary('Mul'),
  RealDiv: binary('Div'),
  Maximum: binary('Max'),
  Minimum: binary('Min'),
  Pow: binary('Pow'),
  FloorDiv: (trace, { a, b }) => {
    const result = { shape: shapeOf(a, b), dtype: a.dtype };
    if (a.dtype === 'int32') {
      // ONNX divides integers towards zero; its Mod is never of the other sign than the divisor, so a - Mod divides evenly.
      const multiple = trace.op('Sub', [a, trace.op('Mod', [a, b], result)], result);
      return trace.op('Div', [multiple, b], result);
    }
    const quotient = trace.op('Floor', [trace.op('Div', [a, b], result)], result);
    return trace.op(
      'Cast',
      [quotient],
      { ...result, dtype: 'int32' },
      { attributes: { to: { int: onnxElementType('int32') } } },
    );
  },
  SquaredDifference: (trace, { a, b }) => {
    const difference = trace.op('Sub', [a, b], { shape: shapeOf(a, b), dtype: a.dtype });
    return trace.op('Mul', [difference, difference], difference);
  },
  AddN: (trace, inputs) => {
    const terms = Object.values(inputs);
    return trace.op('Sum', terms, terms[0]!);
  },

  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessOrEqual'),
  Equal: comparison('Equal'),
  NotEqual: (trace, { a, b }) => {
    const shape = shapeOf(a, b);
    return trace.op('Not', [trace.op('Equal', [a, b], { shape, dtype: 'bool' })], { shape, dtype: 'bool' });
  },
  LogicalAnd: comparison('And'),
  LogicalOr: comparison('Or'),
  LogicalNot: unary('Not'),

  Abs: unary('Abs'),
  Ceil: unary('Ceil'),
  Cos: unary('Cos'),
  Erf: unary('Erf'),
  Exp: unary('Exp'),
  Floor: unary('Floor'),
  Identity: unary('Identity'),
  Log: unary('Log'),
  Neg: unary('Neg'),
  Reciprocal: unary('Reciprocal'),
  Relu: unary('Relu'),
  Round: unary('Round'),
  Sigmoid: unary('Sigmoid'),
  Sign: unary('Sign'),
  Sin: unary('Sin'),
  Softplus: unary('Softplus'),
  Sqrt: unary('Sqrt'),
  Square: unary('Mul', (_, x) => [x, x]),
  Tanh: unary('Tanh'),
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

  Select: (trace, { condition, t, e }) => {
    const lacking = t.shape.length - condition.shape.length;
    const mask =
      lacking === 0
        ? condition
        : trace.op(
            'Reshape',
            [condition, trace.graph.integers([...condition.shape, ...Array<number>(lacking).fill(1)])],
            {
              shape: [...condition.shape, ...Array<number>(lacking).fill(1)],
              dtype: 'bool',
            },
          );
    return trace.op('Where', [mask, t, e], t);
  },
  Cast: (trace, { x }, { dtype }) =>
    x.dtype === dtype
      ? trace.op('Identity', [x], x)
      : trace.op('Cast', [x], { shape: x.shape, dtype }, { attributes: { to: { int: onnxElementType(dtype) } } }),
});
