/** How TensorFlow.js kernels of two or more tensors, element by element, are recorded: arithmetic, comparison, logic, choice. */
import { backend_util, type DataType, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { DType } from '../../contracts/tensors.ts';
import { prelu } from './activation.ts';
import { cast } from './building-blocks.ts';
import type { TraceKernel } from './kernel-signature.ts';
import { registerTraceKernels, type TraceBackend } from './trace-backend.ts';

const shapeOf = (a: TensorInfo, b: TensorInfo) => backend_util.assertAndGetBroadcastShape(a.shape, b.shape);

const binary =
  (op: string): TraceKernel =>
  (trace, { a, b }) =>
    broadcast(trace, op, [a, b], a.dtype);

const comparison =
  (op: string): TraceKernel =>
  (trace, { a, b }) =>
    broadcast(trace, op, [a, b], 'bool');

/** Results of fewer elements are not worth a node more. */
const fewElements = 256;

/**
 * Two operands, repeated along axes where the other is longer. With a last axis of size 1 ONNX Runtime (1.30) goes through
 * operands of unequal rank element by element, ten times as slow, so they are given the same.
 */
function broadcast(trace: TraceBackend, op: string, [a, b]: readonly [TensorInfo, TensorInfo], dtype: DataType) {
  const shape = shapeOf(a, b);
  const isSlow = shape.at(-1) === 1 && util.sizeFromShape(shape) >= fewElements;
  const ofFullRank = (x: TensorInfo) => {
    const missing = shape.length - x.shape.length;
    return isSlow && missing > 0 ? trace.reshape(x, [...Array<number>(missing).fill(1), ...x.shape]) : x;
  };
  return trace.op(op, [ofFullRank(a), ofFullRank(b)], { shape, dtype });
}

registerTraceKernels({
  Add: binary('Add'),
  Sub: binary('Sub'),
  Multiply: binary('Mul'),
  RealDiv: binary('Div'),
  Maximum: binary('Max'),
  Minimum: binary('Min'),
  Pow: binary('Pow'),
  BitwiseAnd: binary('BitwiseAnd'),
  FloorDiv: (trace, { a, b }) => {
    const result = { shape: shapeOf(a, b), dtype: a.dtype };
    if (a.dtype === 'int32') {
      // ONNX divides integers towards zero; its Mod is never of the other sign than the divisor, so a - Mod divides evenly.
      const multiple = trace.op('Sub', [a, trace.op('Mod', [a, b], result)], result);
      return trace.op('Div', [multiple, b], result);
    }
    return cast(trace, trace.op('Floor', [trace.op('Div', [a, b], result)], result), 'int32');
  },
  Mod: (trace, { a, b }) => {
    const result = { shape: shapeOf(a, b), dtype: a.dtype };
    if (a.dtype === 'int32') return trace.op('Mod', [a, b], result);
    // C's remainder has the sign of the dividend; where that is not the divisor's, one more divisor is added.
    const remainder = (x: TensorInfo) => trace.op('Mod', [x, b], result, { attributes: { fmod: { int: 1 } } });
    const rest = remainder(a);
    const isNegative = (x: TensorInfo) =>
      trace.op('Less', [x, trace.graph.scalar(0, 'float32')], { shape: x.shape, dtype: 'bool' });
    const differ = trace.op('Xor', [isNegative(a), isNegative(b)], { shape: result.shape, dtype: 'bool' });
    return trace.op('Where', [differ, remainder(trace.op('Add', [rest, b], result)), rest], result);
  },
  Atan2: (trace, { a, b }) => {
    const result = { shape: shapeOf(a, b), dtype: a.dtype };
    const scalar = (value: number) => trace.graph.scalar(value, 'float32');
    const test = (op: string, x: TensorInfo) => trace.op(op, [x, scalar(0)], { shape: x.shape, dtype: 'bool' });
    // On the left half-plane the angle of the line is half a turn off, upwards or downwards.
    const turned = trace.op('Where', [test('Less', a), scalar(-Math.PI), scalar(Math.PI)], {
      ...result,
      shape: a.shape,
    });
    const turn = trace.op('Where', [test('Less', b), turned, scalar(0)], result);
    const angle = trace.op('Add', [trace.op('Atan', [trace.op('Div', [a, b], result)], result), turn], result);
    const upright = trace.op('Mul', [trace.op('Sign', [a], a), scalar(Math.PI / 2)], a);
    return trace.op('Where', [test('Equal', b), upright, angle], result);
  },
  SquaredDifference: (trace, { a, b }) => {
    const difference = trace.op('Sub', [a, b], { shape: shapeOf(a, b), dtype: a.dtype });
    return trace.op('Mul', [difference, difference], difference);
  },
  AddN: (trace, inputs) => {
    const terms = Object.values(inputs) as TensorInfo[];
    return trace.op('Sum', terms, terms[0]!);
  },
  Prelu: (trace, { x, alpha }) => prelu(trace, cast(trace, x, 'float32'), cast(trace, alpha, 'float32')),
  EluGrad: (trace, { dy, y }) => {
    const scalar = (value: number) => trace.graph.scalar(value, 'float32');
    const positive = trace.op('GreaterOrEqual', [y, scalar(0)], { shape: y.shape, dtype: 'bool' });
    const slope = trace.op('Where', [positive, scalar(1), trace.op('Add', [y, scalar(1)], y)], y);
    return trace.op('Mul', [dy, slope], y);
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
  LogicalXor: comparison('Xor'),

  Select: (trace, { condition, t, e }) => {
    const lacking = t.shape.length - condition.shape.length;
    const mask = trace.reshape(condition, [...condition.shape, ...Array<number>(lacking).fill(1)]);
    return trace.op('Where', [mask, t, e], t);
  },
  Cast: (trace, { x }, { dtype }) => {
    util.assert(
      dtype === 'float32' || dtype === 'int32' || dtype === 'bool',
      () => `Error in cast: ${dtype} is not compiled`,
    );
    return x.dtype === dtype ? trace.op('Identity', [x], x) : cast(trace, x, dtype as DType);
  },
});
