/** Samples for every kernel that moves, repeats or picks elements. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { anyTensors, floats, integers, shapes } from './engine-arbitraries.ts';
import { all, allWithGradients, type KernelCase, tracedKernel } from './engine-kernel-case.ts';

const some = shapes({ minRank: 1 });
const axisOf = (shape: readonly number[]) => fc.integer({ min: -shape.length, max: shape.length - 1 });
const perAxis = <T>(shape: readonly number[], values: (size: number) => fc.Arbitrary<T>) =>
  fc.tuple(...shape.map((length) => values(length)));

export const shapeCases: readonly KernelCase[] = [
  {
    title: 'reshaping and transposing tensors of every type, and the gradients',
    kernels: ['Reshape', 'ExpandDims', 'Transpose'],
    samples: some
      .chain((shape) =>
        fc.record({
          x: floats(shape),
          any: anyTensors(shape),
          order: fc.shuffledSubarray(
            shape.map((_, axis) => axis),
            { minLength: shape.length },
          ),
          axis: fc.integer({ min: -shape.length - 1, max: shape.length }),
        }),
      )
      .map(({ x, any, order, axis }) => {
        const functions = {
          flat: (t: tf.Tensor) => tf.reshape(t, [-1]),
          wider: (t: tf.Tensor) => tf.expandDims(t, axis),
          narrower: (t: tf.Tensor) => tf.squeeze(tf.reshape(t, [1, ...t.shape, 1])),
          turned: (t: tf.Tensor) => tf.transpose(t, order),
        };
        return {
          inputs: { x, any },
          run: (given) => ({
            ...allWithGradients(functions, [given['x']!]),
            ...renamed('any', all(functions, [given['any']!])),
          }),
        };
      }),
  },
  {
    title: 'joining and cutting along an axis, and the gradients',
    kernels: ['Concat', 'Pack', 'Unpack', 'SplitV'],
    samples: some
      .chain((shape) => fc.record({ a: floats(shape), b: floats(shape), axis: axisOf(shape), at: fc.nat() }))
      .map(({ a, b, axis, at }) => {
        const double = 2 * a.shape.at(axis)!;
        const first = 1 + (at % (double - 1));
        const joined = (x: tf.Tensor, y: tf.Tensor) => tf.concat([x, y], axis);
        return {
          inputs: { a, b },
          run: (given) =>
            allWithGradients(
              {
                joined: joined as never,
                stacked: (x, y) => tf.stack([x!, y!], axis),
                halves: (x, y) => tf.sub(...(tf.split(joined(x!, y!), 2, axis) as [tf.Tensor, tf.Tensor])),
                pieces: (x, y) => {
                  const [front, back] = tf.split(joined(x!, y!), [first, double - first], axis);
                  return tf.concat([back!, front!], axis);
                },
                slabs: (x, y) =>
                  tf.addN(tf.unstack(joined(x!, y!), axis).map((slab, index) => tf.mul(slab, index + 1))),
              },
              [given['a']!, given['b']!],
            ),
        };
      }),
  },
  {
    title: 'slices, padding and tiles of tensors of every type, and the gradients',
    kernels: ['Slice', 'PadV2', 'Tile'],
    samples: some
      .chain((shape) =>
        fc.record({
          x: floats(shape),
          any: anyTensors(shape),
          parts: perAxis(shape, (length) =>
            fc.nat(length - 1).chain((begin) =>
              fc.tuple(
                fc.constant(begin),
                fc.constantFrom(-1, ...Array(length - begin).keys()).map((n) => (n === 0 ? 1 : n)),
              ),
            ),
          ),
          paddings: perAxis(shape, () => fc.tuple(fc.nat(2), fc.nat(2))),
          repeats: perAxis(shape, () => fc.integer({ min: 1, max: 2 })),
        }),
      )
      .map(({ x, any, parts, paddings, repeats }) => {
        const functions = {
          slice: (t: tf.Tensor) =>
            tf.slice(
              t,
              parts.map(([begin]) => begin),
              parts.map(([, length]) => length),
            ),
          pad: (t: tf.Tensor) => tf.pad(t, paddings, 1),
          tile: (t: tf.Tensor) => tf.tile(t, repeats),
        };
        return {
          inputs: { x, any },
          run: (given) => ({
            ...allWithGradients(functions, [given['x']!]),
            ...renamed('any', all(functions, [given['any']!])),
          }),
        };
      }),
  },
  {
    title: 'broadcasting to a shape, as an operation and as a kernel',
    kernels: ['BroadcastTo', 'Tile'],
    samples: fc
      .tuple(shapes({ maxRank: 2 }), fc.integer({ min: 2, max: 3 }))
      .chain(([shape, rows]) => fc.tuple(floats([1, ...shape]), fc.constant<number[]>([rows, ...shape])))
      .map(([x, shape]) => ({
        inputs: { x },
        run: (given) => ({
          ...allWithGradients({ operation: (t) => tf.broadcastTo(t!, shape) }, [given['x']!]),
          kernel: tracedKernel('BroadcastTo', { x: given['x']! }, { shape, inputShape: x.shape as number[] }, () =>
            tf.broadcastTo(given['x']!, shape),
          ),
        }),
      })),
  },
  {
    title: 'tensors filled with one value, in every type',
    kernels: ['Fill', 'ZerosLike', 'OnesLike'],
    samples: shapes()
      .chain((shape) => fc.tuple(anyTensors(shape), fc.integer({ min: -3, max: 3 })))
      .map(([x, value]) => ({
        inputs: { x },
        run: (given) => ({
          floats: tf.fill(x.shape as number[], value / 2),
          integers: tf.fill(x.shape as number[], value, 'int32'),
          zeros: tf.zerosLike(given['x']!),
          ones: tf.onesLike(given['x']!),
        }),
      })),
  },
  {
    title: 'picking along an axis by indices of any shape, and the gradient, which sums what was picked twice',
    kernels: ['GatherV2', 'UnsortedSegmentSum'],
    samples: some
      .chain((shape) =>
        axisOf(shape).chain((axis) =>
          fc.record({
            x: floats(shape),
            any: anyTensors(shape),
            indices: shapes({ maxRank: 2 }).chain((wanted) => integers(wanted, { min: 0, max: shape.at(axis)! - 1 })),
            axis: fc.constant(axis),
          }),
        ),
      )
      .map(({ x, any, indices, axis }) => ({
        inputs: { x, any, indices },
        run: (given) => ({
          ...allWithGradients({ picked: (t) => tf.gather(t!, given['indices']! as tf.Tensor1D, axis) }, [given['x']!]),
          any: tf.gather(given['any']!, given['indices']! as tf.Tensor1D, axis),
        }),
      })),
  },
  {
    title: 'sums by segment, of floats and of integers',
    kernels: ['UnsortedSegmentSum'],
    samples: some
      .chain((shape) =>
        fc.record({
          x: floats(shape),
          i: integers(shape),
          ids: integers(shape.slice(0, 1), { min: 0, max: 3 }),
        }),
      )
      .map(({ x, i, ids }) => ({
        inputs: { x, i, ids },
        run: (given) => {
          const rows = given['ids']! as tf.Tensor1D;
          // The CPU backend returns floats for integers too.
          const integers = tf.cast(tf.unsortedSegmentSum(given['i']!, rows, 5), 'int32');
          return { floats: tf.unsortedSegmentSum(given['x']!, rows, 5), integers };
        },
      })),
  },
  {
    title: 'one-hot vectors in every type, where an index out of range has none',
    kernels: ['OneHot'],
    samples: shapes({ maxRank: 3 })
      .chain((shape) => fc.tuple(integers(shape, { min: -1, max: 5 }), fc.integer({ min: 2, max: 5 })))
      .map(([indices, depth]) => ({
        inputs: { indices },
        run: (given) => ({
          usual: tf.oneHot(given['indices']!, depth),
          flags: tf.oneHot(given['indices']!, depth, 1, 0, 'bool'),
          floats: tf.oneHot(given['indices']!, depth, 0.5, -2, 'float32'),
        }),
      })),
  },
  {
    title: 'ranges up and down',
    kernels: ['Range'],
    samples: fc
      .record({
        start: fc.integer({ min: -6, max: 6 }),
        stop: fc.integer({ min: -6, max: 6 }),
        step: fc.constantFrom(1, 2, 3, -1, -2, 0.5),
      })
      .filter(({ start, stop }) => start !== stop)
      .filter(({ start, stop, step }) => step === 1 || stop > start === step > 0)
      .map(({ start, stop, step }) => ({
        inputs: { x: { data: Float32Array.of(0), shape: [1], dtype: 'float32' } },
        run: (given) => ({
          floats: tf.add(given['x']!, tf.range(start, stop, step)),
          ...(Number.isInteger(step) ? { integers: tf.range(start, stop, step, 'int32') } : {}),
        }),
      })),
  },
];

function renamed(prefix: string, tensors: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix} ${name}`, tensor]));
}
