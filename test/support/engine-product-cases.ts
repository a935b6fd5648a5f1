/** Samples for every kernel of matrix products, reductions and softmaxes. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import type { HostTensor } from '../../packages/core/src/contracts/index.ts';
import { floats, integers, shapes } from './engine-arbitraries.ts';
import { all, allWithGradients, type KernelCase, tracedKernel, withGradients } from './engine-kernel-case.ts';

/** Batch shapes that the reference multiplies correctly: equal, or the second lacks leading sizes. */
const batches = fc
  .tuple(shapes({ maxRank: 2, maxSize: 3 }), fc.nat(2))
  .map(([batch, dropped]) => [batch, batch.slice(dropped)] as const);

const products = fc
  .tuple(batches, fc.tuple(size(), size(), size()), fc.boolean(), fc.boolean())
  .chain(([[left, right], [m, k, n], transposeA, transposeB]) =>
    fc.record({
      a: floats([...left, ...(transposeA ? [k, m] : [m, k])]),
      b: floats([...right, ...(transposeB ? [n, k] : [k, n])]),
      transposeA: fc.constant(transposeA),
      transposeB: fc.constant(transposeB),
    }),
  );

function size() {
  return fc.integer({ min: 1, max: 5 });
}

/** A tensor with a choice of axes, some of them counted from the end. */
function reducible(tensors: (shape: readonly number[]) => fc.Arbitrary<HostTensor>) {
  return shapes().chain((shape) => {
    const axes = shape.map((_, axis) => axis);
    const chosen = shape.length === 0 ? fc.constant<number[]>([]) : fc.subarray(axes, { minLength: 1 });
    return fc.record({
      x: tensors(shape),
      axis: fc.oneof(
        fc.constant(undefined),
        fc.tuple(chosen, fc.boolean()).map(([some, back]) => (back ? some.map((one) => one - shape.length) : some)),
      ),
      keepDims: fc.boolean(),
    });
  });
}

/** Rows in which some scores are masked, by a large number or by infinity, never all of them. */
const scores = shapes({ minRank: 1 }).chain((shape) =>
  fc
    .tuple(floats(shape), fc.array(fc.constantFrom(0, 0, 0, -1e9, -Infinity), { minLength: 256, maxLength: 256 }))
    .map(([x, mask]): HostTensor => {
      const last = shape.at(-1)!;
      return {
        ...x,
        data: x.data.map((value, index) => (index % last === 0 ? value : value + mask[index]!)) as Float32Array,
      };
    }),
);

export const productCases: readonly KernelCase[] = [
  {
    title: 'matrix products, plain and transposed, in batches, and their gradients',
    kernels: ['BatchMatMul'],
    samples: products.map(({ a, b, transposeA, transposeB }) => ({
      inputs: { a, b },
      run: (given) => {
        const product = (x: tf.Tensor, y: tf.Tensor) => tf.matMul(x, y, transposeA, transposeB);
        const xs = [given['a']!, given['b']!] as const;
        return a.shape.length === b.shape.length
          ? withGradients('product', product as never, xs)
          : { product: product(...xs) };
      },
    })),
  },
  {
    title: 'reductions of floats over any axes, and their gradients',
    kernels: ['Sum', 'Mean', 'Max', 'Min', 'Prod'],
    samples: reducible((shape) => floats(shape, { min: 0.5, max: 1.5 })).map(({ x, axis, keepDims }) => ({
      inputs: { x },
      run: (given) => ({
        product: tf.prod(given['x']!, axis, keepDims),
        ...allWithGradients(
          {
            sum: (t) => tf.sum(t, axis, keepDims),
            mean: (t) => tf.mean(t, axis, keepDims),
            largest: (t) => tf.max(t, axis, keepDims),
            smallest: (t) => tf.min(t, axis, keepDims),
          },
          [given['x']!],
        ),
      }),
    })),
  },
  {
    title: 'reductions of integers over any axes',
    kernels: ['Sum', 'Mean', 'Max', 'Min'],
    samples: reducible((shape) => integers(shape)).map(({ x, axis, keepDims }) => ({
      inputs: { x },
      run: (given) =>
        all(
          {
            sum: (t) => tf.sum(t, axis, keepDims),
            mean: (t) => tf.mean(t, axis, keepDims),
            largest: (t) => tf.max(t, axis, keepDims),
            smallest: (t) => tf.min(t, axis, keepDims),
          },
          [given['x']!],
        ),
    })),
  },
  {
    title: 'reductions over no axes at all',
    kernels: ['Sum', 'Mean', 'Max', 'Min', 'Prod'],
    samples: shapes()
      .chain((shape) => floats(shape))
      .map((x) => ({
        inputs: { x },
        run: (given) =>
          all(
            {
              sum: (t) => tf.sum(t, []),
              mean: (t) => tf.mean(t, []),
              largest: (t) => tf.max(t, []),
              smallest: (t) => tf.min(t, []),
              product: (t) => tf.prod(t, []),
            },
            [given['x']!],
          ),
      })),
  },
  {
    title: 'positions of extrema, the first one where they tie',
    kernels: ['ArgMax', 'ArgMin'],
    samples: shapes({ minRank: 1 })
      .chain((shape) =>
        fc.record({
          x: floats(shape, { step: 2 }),
          i: integers(shape),
          axis: fc.integer({ min: -shape.length, max: shape.length - 1 }),
        }),
      )
      .map(({ x, i, axis }) => ({
        inputs: { x, i },
        run: (given) => ({
          ...all({ last: (t) => tf.argMax(t, axis), first: (t) => tf.argMin(t, axis) }, [given['x']!]),
          integers: tf.argMax(given['i']!, axis),
        }),
      })),
  },
  {
    title: 'softmax over the last axis with masked scores, and its gradient',
    kernels: ['Softmax'],
    samples: scores.map((x) => ({
      inputs: { x },
      run: (given) => allWithGradients({ softmax: (t) => tf.softmax(t) }, [given['x']!]),
    })),
  },
  {
    title: 'logarithms of softmax over the last axis, and their gradient',
    kernels: ['LogSoftmax'],
    samples: shapes({ minRank: 1 })
      .chain((shape) => floats(shape))
      .map((x) => ({
        inputs: { x },
        run: (given) => {
          const logits = given['x']!;
          return {
            ...allWithGradients({ composed: (t) => tf.logSoftmax(t) }, [logits]),
            kernel: tracedKernel('LogSoftmax', { logits }, { axis: x.shape.length - 1 }, () => tf.logSoftmax(logits)),
          };
        },
      })),
  },
];
