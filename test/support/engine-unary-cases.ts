/** Samples for further functions of one or two tensors: trigonometry, activations, tests of numbers, remainders, angles. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import type { HostTensor } from '../../packages/core/src/contracts/index.ts';
import { booleans, broadcastPairs, floats, integers, shapes } from './engine-arbitraries.ts';
import { all, allWithGradients, type KernelCase, tracedKernel } from './engine-kernel-case.ts';

type Unary = Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>>;

const anywhere: Unary = {
  Asinh: (x) => tf.asinh(x),
  Atan: (x) => tf.atan(x),
  Cosh: (x) => tf.cosh(x),
  Elu: (x) => tf.elu(x),
  LeakyRelu: (x) => tf.leakyRelu(x, 0.3),
  Relu6: (x) => tf.relu6(tf.mul(x, 3)),
  Selu: (x) => tf.selu(x),
  Sinh: (x) => tf.sinh(x),
};
const insideOne: Unary = {
  Acos: (x) => tf.acos(x),
  Asin: (x) => tf.asin(x),
  Atanh: (x) => tf.atanh(x),
  Tan: (x) => tf.tan(x),
};
const ofIntegers: Unary = {
  Atan: (x) => tf.atan(x),
  LeakyRelu: (x) => tf.leakyRelu(x, 0.5),
  Relu6: (x) => tf.relu6(x),
  IsFinite: (x) => tf.isFinite(x),
  IsInf: (x) => tf.isInf(x),
  IsNan: (x) => tf.isNaN(x),
};
const tests: Unary = {
  IsFinite: (x) => tf.isFinite(x),
  IsInf: (x) => tf.isInf(x),
  IsNan: (x) => tf.isNaN(x),
};

const odd = shapes().chain((shape) =>
  fc
    .array(fc.constantFrom(0, 1.5, -2, NaN, Infinity, -Infinity), {
      minLength: tf.util.sizeFromShape(shape),
      maxLength: tf.util.sizeFromShape(shape),
    })
    .map((values): HostTensor => ({ data: Float32Array.from(values), shape, dtype: 'float32' })),
);

export const unaryCases: readonly KernelCase[] = [
  {
    title: 'hyperbolic functions and activations, and their gradients',
    kernels: [...Object.keys(anywhere), 'EluGrad'],
    samples: shapes()
      .chain((shape) => floats(shape))
      .map((x) => ({ inputs: { x }, run: (given) => allWithGradients(anywhere as never, [given['x']!]) })),
  },
  {
    title: 'trigonometric functions between -1 and 1, and their gradients',
    kernels: Object.keys(insideOne),
    samples: shapes()
      .chain((shape) => floats(shape, { min: -0.875, max: 0.875 }))
      .map((x) => ({ inputs: { x }, run: (given) => allWithGradients(insideOne as never, [given['x']!]) })),
  },
  {
    title: 'the inverse hyperbolic cosine beyond 1, and its gradient',
    kernels: ['Acosh'],
    samples: shapes()
      .chain((shape) => floats(shape, { min: 1.125, max: 8 }))
      .map((x) => ({
        inputs: { x },
        run: (given) => allWithGradients({ Acosh: ((t: tf.Tensor) => tf.acosh(t)) as never }, [given['x']!]),
      })),
  },
  {
    title: 'tests for numbers that are none or infinite, and their gradients, which are zero',
    kernels: Object.keys(tests),
    samples: odd.map((x) => ({
      inputs: { x },
      run: (given) => ({
        ...all(tests as never, [given['x']!]),
        gradient: tf.grad((t) => tf.where(tf.isNaN(t), tf.zerosLike(t), tf.mul(t, 2)))(tf.ones(x.shape as number[])),
        ...Object.fromEntries(
          Object.entries(tests).map(([name, test]) => [
            `${name} d0`,
            tf.grad((t) => tf.cast(test(t), 'float32'))(given['x']!),
          ]),
        ),
      }),
    })),
  },
  {
    title: 'functions of floats applied to integers',
    kernels: Object.keys(ofIntegers),
    samples: shapes()
      .chain((shape) => integers(shape, { min: -9, max: 9 }))
      .map((x) => ({ inputs: { x }, run: (given) => all(ofIntegers as never, [given['x']!]) })),
  },
  {
    title: 'slopes that are learnt, broadcast and not, and the gradients',
    kernels: ['Prelu'],
    samples: shapes({ minRank: 1 })
      .chain((shape) => fc.record({ x: floats(shape), full: floats(shape), last: floats(shape.slice(-1)) }))
      .map((inputs) => ({
        inputs,
        run: (given) => ({
          ...allWithGradients({ full: ((x: tf.Tensor, alpha: tf.Tensor) => tf.prelu(x, alpha)) as never }, [
            given['x']!,
            given['full']!,
          ]),
          last: tf.prelu(given['x']!, given['last']!),
        }),
      })),
  },
  {
    title: 'angles in all quadrants and on the axes, and their gradients',
    kernels: ['Atan2'],
    samples: broadcastPairs
      .chain(([left, right]) => fc.tuple(floats(left, { step: 0.5 }), floats(right, { step: 0.5 })))
      .map(([a, b]) => ({
        inputs: { a, b },
        run: (given) => {
          const away = tf.add(tf.abs(given['b']!), 0.25); // the gradient is infinite where both are zero
          return {
            angle: tf.atan2(given['a']!, given['b']!),
            ...allWithGradients({ right: tf.atan2 as never }, [given['a']!, away]),
          };
        },
      })),
  },
  {
    title: 'remainders of floats and integers of either sign, and their gradients',
    kernels: ['Mod'],
    samples: broadcastPairs
      .chain(([left, right]) =>
        fc.record({
          a: floats(left, { step: 0.25 }),
          b: floats(right, { min: 0.5, max: 3, step: 0.25 }),
          i: integers(left),
          j: integers(right, { min: 1, max: 4 }),
        }),
      )
      .map((inputs) => ({
        inputs,
        run: ({ a, b, i, j }) => ({
          ...allWithGradients({ positive: tf.mod as never }, [a!, b!]),
          negative: tf.mod(a!, tf.neg(b!)),
          integers: tf.mod(i!, j!),
          downwards: tf.mod(i!, tf.neg(j!)),
        }),
      })),
  },
  {
    title: 'bits of integers, and either of two flags',
    kernels: ['BitwiseAnd', 'LogicalXor'],
    samples: shapes()
      .chain((shape) =>
        fc.record({
          a: integers(shape, { min: 0, max: 99 }),
          b: integers(shape, { min: 0, max: 99 }),
          p: booleans(shape),
          q: booleans(shape),
        }),
      )
      .map((inputs) => ({
        inputs,
        run: (given) => {
          const [p, q] = [given['p']!, given['q']!];
          return {
            bits: tf.bitwiseAnd(given['a']!, given['b']!),
            either: tracedKernel('LogicalXor', { a: p, b: q }, {}, () => tf.logicalXor(p, q)),
          };
        },
      })),
  },
  {
    title: 'numbers at equal distances',
    kernels: ['LinSpace'],
    samples: fc
      .tuple(fc.integer({ min: -8, max: 8 }), fc.integer({ min: -8, max: 8 }), fc.integer({ min: 1, max: 9 }))
      .map(([start, stop, count]) => ({
        inputs: { x: { data: Float32Array.of(0), shape: [1], dtype: 'float32' } },
        run: (given) => ({ numbers: tf.add(given['x']!, tf.linspace(start, stop, count)) }),
      })),
  },
];
