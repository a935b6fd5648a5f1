/** Gradients that other samples do not reach: those that are zero, and those of kernels that are called directly. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { floats, integers, shapes } from './engine-arbitraries.ts';
import { allWithGradients, type KernelCase, tracedKernel, withGradients } from './engine-kernel-case.ts';

/** Functions in steps: their gradient is zero. Each is added to its input, so that what is differentiated is not all zero. */
const inSteps: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  ArgMax: (x) => tf.argMax(x, 0),
  ArgMin: (x) => tf.argMin(x, 0),
  FloorDiv: (x) => tf.floorDiv(x, tf.scalar(2)),
  GreaterEqual: (x) => tf.greaterEqual(x, tf.scalar(0)),
  OneHot: (x) => tf.sum(tf.oneHot(tf.cast(x, 'int32'), 3, 1, 0, 'float32'), -1),
  OnesLike: (x) => tf.onesLike(x),
};

export const gradientCases: readonly KernelCase[] = [
  {
    title: 'gradients of functions in steps, which are zero',
    kernels: Object.keys(inSteps),
    samples: shapes({ minRank: 1, maxRank: 3 })
      .chain((shape) => floats(shape))
      .map((x) => ({
        inputs: { x },
        run: (given) =>
          allWithGradients(
            Object.fromEntries(
              Object.entries(inSteps).map(([name, step]) => [
                name,
                (t: tf.Tensor) => tf.add(t, tf.cast(step(t), 'float32')),
              ]),
            ) as never,
            [given['x']!],
          ),
      })),
  },
  {
    title: 'the gradient of sums by segment',
    kernels: ['UnsortedSegmentSum'],
    samples: shapes({ minRank: 1 })
      .chain((shape) => fc.record({ x: floats(shape), ids: integers(shape.slice(0, 1), { min: 0, max: 3 }) }))
      .map((inputs) => ({
        inputs,
        run: (given) =>
          withGradients('sums', (t) => tf.unsortedSegmentSum(t, given['ids']! as tf.Tensor1D, 4), [given['x']!]),
      })),
  },
  {
    title: 'gradients of kernels that TensorFlow.js’s operations do not call themselves',
    kernels: ['BroadcastTo', 'LogSoftmax'],
    samples: shapes({ minRank: 1, maxRank: 2 })
      .chain((shape) => fc.tuple(floats([1, ...shape]), fc.integer({ min: 2, max: 3 })))
      .map(([x, rows]) => {
        const shape = [rows, ...x.shape.slice(1)];
        return {
          inputs: { x },
          run: (given) => ({
            ...withGradients(
              'broadcast',
              (t) =>
                tracedKernel('BroadcastTo', { x: t }, { shape, inputShape: x.shape as number[] }, () =>
                  tf.broadcastTo(t, shape),
                ),
              [given['x']!],
            ),
            ...withGradients(
              'logarithm',
              (t) => tracedKernel('LogSoftmax', { logits: t }, { axis: t.shape.length - 1 }, () => tf.logSoftmax(t)),
              [given['x']!],
            ),
          }),
        };
      }),
  },
];
