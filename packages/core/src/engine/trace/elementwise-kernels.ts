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
  (op: string, wrap: (trace: TraceBackend, x: TensorInfo) => readonly (TensorInfo | string)[] = (_, x) => [x]): TraceKernel =>
  (trace, { x }) =>
    trace.op(op, wrap(trace, x), x);

/** ONNX has no kernel for some functions on integers; constants of the tensor's own type keep types equal. */
const one = (trace: TraceBackend, x: TensorInfo) => trace.graph.scalar(1, x.dtype as DType);

registerTraceKernels({
  Add: binary('Add'),
  Sub: binary('Sub'),
  Multiply: binary('Mul'),
  RealDiv: binary('Div'),
  Maximum: binary('Max'),
  Minimum: binary('Min'),
  Pow: binary('Pow'),
  FloorDiv: (trace, { a, b }) => {
    const shape = shapeOf(a, b);
    const quotient = trace.op('Div', [a, b], { shape, dtype: a.dtype });
    return a.dtype === 'int32' ? quotient : trace.op('Floor', [quotient], { shape, dtype: a.dtype });
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
  Expm1: (trace, { x }) => trace.op('Sub', [trace.op('Exp', [x], x), one(trace, x)], x),
  Log1p: (trace, { x }) => trace.op('Log', [trace.op('Add', [x, one(trace, x)], x)], x),
  Step: (trace, { x }, { alpha }) => {
    const positive = trace.op('Greater', [x, trace.graph.scalar(0, 'float32')], { shape: x.shape, dtype: 'bool' });
    return trace.op('Where', [positive, one(trace, x), trace.graph.scalar(alpha ?? 0, 'float32')], x);
  },
  ClipByValue: (trace, { x }, { clipValueMin, clipValueMax }) =>
    trace.op('Clip', [x, trace.graph.scalar(clipValueMin, 'float32'), trace.graph.scalar(clipValueMax, 'float32')], x),

  Select: (trace, { condition, t, e }) => {
    const lacking = t.shape.length - condition.shape.length;
    const mask =
      lacking === 0
        ? condition
        : trace.op('Reshape', [condition, trace.graph.integers([...condition.shape, ...Array<number>(lacking).fill(1)])], {
            shape: [...condition.shape, ...Array<number>(lacking).fill(1)],
            dtype: 'bool',
          });
    return trace.op('Where', [mask, t, e], t);
  },
  Cast: (trace, { x }, { dtype }) =>
    x.dtype === dtype
      ? trace.op('Identity', [x], x)
      : trace.op('Cast', [x], { shape: x.shape, dtype }, { attributes: { to: { int: onnxElementType(dtype) } } }),
});
