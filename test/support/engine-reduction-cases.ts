/** Samples for reductions of flags, products with gradients, running sums and products, and fused matrix products. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { booleans, floats, integers, shapes } from './engine-arbitraries.ts';
import { allWithGradients, type KernelCase, withGradients } from './engine-kernel-case.ts';

const size = (min: number, max: number) => fc.integer({ min, max });
const activations = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const;

export const reductionCases: readonly KernelCase[] = [
  {
    title: 'whether all or any flags are set, over any axes',
    kernels: ['All', 'Any'],
    samples: shapes({ minRank: 1 })
      .chain((shape) =>
        fc.record({
          x: booleans(shape),
          axes: fc.subarray(
            shape.map((_, axis) => axis),
            { minLength: 1 },
          ),
          keepDims: fc.boolean(),
        }),
      )
      .map(({ x, axes, keepDims }) => ({
        inputs: { x },
        run: (given) => ({
          all: tf.all(given['x']!, axes, keepDims),
          any: tf.any(given['x']!, axes, keepDims),
          whole: tf.all(given['x']!),
        }),
      })),
  },
  {
    title:
      'running sums and products in either direction, with and without the element itself, and the gradient of sums',
    kernels: ['Cumsum', 'Cumprod'],
    samples: shapes({ minRank: 1, maxRank: 3, maxSize: 6 })
      .chain((shape) =>
        fc.record({
          x: floats(shape, { min: -2, max: 2, step: 1 / 8 }),
          i: integers(shape, { min: -3, max: 3 }),
          axis: size(0, shape.length - 1),
          exclusive: fc.boolean(),
          reverse: fc.boolean(),
        }),
      )
      .map(({ x, i, axis, exclusive, reverse }) => ({
        inputs: { x, i },
        run: (given) => ({
          sums: tf.cumsum(given['x']!, axis, exclusive, reverse),
          // TensorFlow.js turns this gradient on its side along any other axis.
          ...withGradients('last', (t) => tf.cumsum(t, x.shape.length - 1, exclusive, reverse), [given['x']!]),
          integers: tf.cumsum(given['i']!, axis, exclusive, reverse),
          products: tf.cumprod(given['x']!, axis, exclusive, reverse),
          whole: tf.cumprod(given['i']!, axis, exclusive, reverse),
        }),
      })),
  },
  {
    title: 'matrix products fused with a bias and an activation, and their gradients',
    kernels: ['_FusedMatMul'],
    samples: fc
      .tuple(size(1, 4), size(1, 4), size(1, 4), fc.boolean(), fc.boolean())
      .chain(([m, k, n, transposeA, transposeB]) =>
        fc.record({
          a: floats(transposeA ? [k, m] : [m, k]),
          b: floats(transposeB ? [n, k] : [k, n]),
          bias: floats([n]),
          slopes: floats([n]),
          options: fc
            .record({ activation: fc.constantFrom(...activations) })
            .map((one) => ({ ...one, transposeA, transposeB })),
        }),
      )
      .map(({ options, ...inputs }) => ({
        inputs,
        run: (given) => {
          const fused = (activation: (typeof activations)[number]) => (a: tf.Tensor, b: tf.Tensor, bias: tf.Tensor) =>
            tf.fused.matMul({
              ...options,
              activation,
              a,
              b,
              bias,
              preluActivationWeights: given['slopes']!,
              leakyreluAlpha: 0.3,
            });
          return {
            fused: fused(options.activation)(given['a']!, given['b']!, given['bias']!),
            ...allWithGradients({ linear: fused('linear') as never }, [given['a']!, given['b']!, given['bias']!]),
          };
        },
      })),
  },
];
