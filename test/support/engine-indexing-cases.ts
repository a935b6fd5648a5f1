/** Samples for kernels that gather, scatter, count and search by computed indices. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import type { HostTensor } from '../../packages/core/src/contracts/index.ts';
import { anyTensors, floats, integers, shapes } from './engine-arbitraries.ts';
import { all, type KernelCase } from './engine-kernel-case.ts';

const size = (min: number, max: number) => fc.integer({ min, max });

/** Different positions in a tensor, `[count, rank]`. */
function positions(shape: readonly number[]): fc.Arbitrary<HostTensor> {
  const count = tf.util.sizeFromShape([...shape]);
  const flat = Array.from({ length: count }, (_, index) => index);
  return fc.shuffledSubarray(flat, { minLength: 1 }).map((chosen) => ({
    data: Int32Array.from(
      chosen.flatMap((index) => tf.util.indexToLoc(index, shape.length, tf.util.computeStrides([...shape, 1]))),
    ),
    shape: [chosen.length, shape.length],
    dtype: 'int32',
  }));
}

export const indexingCases: readonly KernelCase[] = [
  {
    title: 'picking by whole positions, and putting back, where equal positions add up',
    kernels: ['GatherNd', 'ScatterNd'],
    samples: fc
      .tuple(size(1, 4), size(1, 4), size(1, 3))
      .chain((shape) =>
        fc.record({
          x: anyTensors(shape),
          numbers: floats([5, shape[2]]),
          rows: integers([5, 2], { min: 0, max: Math.min(shape[0], shape[1]) - 1 }),
          single: integers([2, 3, 1], { min: 0, max: shape[0] - 1 }),
        }),
      )
      .map((inputs) => ({
        inputs,
        run: (given) => ({
          rows: tf.gatherND(given['x']!, given['rows']!),
          slabs: tf.gatherND(given['x']!, given['single']!),
          sums: tf.scatterND(given['rows']! as tf.Tensor2D, given['numbers']!, inputs.x.shape as number[]),
        }),
      })),
  },
  {
    title: 'values put at positions of a tensor, and of a constant',
    kernels: ['TensorScatterUpdate', 'SparseToDense'],
    samples: fc
      .tuple(size(1, 4), size(1, 4))
      .chain((shape) =>
        fc
          .record({ x: floats(shape), at: positions(shape) })
          .chain(({ x, at }) => fc.record({ x: fc.constant(x), at: fc.constant(at), values: floats([at.shape[0]!]) })),
      )
      .map((inputs) => ({
        inputs,
        run: (given) => ({
          updated: tf.tensorScatterUpdate(given['x']!, given['at']! as tf.Tensor2D, given['values']!),
          dense: tf.sparseToDense(given['at']!, given['values']!, inputs.x.shape as never, -1),
          one: tf.sparseToDense(
            tf.reshape(tf.slice(given['at']!, [0, 1], [1, 1]), [1]),
            tf.scalar(3),
            [inputs.x.shape[1]!],
            0.5,
          ),
        }),
      })),
  },
  {
    title: 'picking in batches',
    kernels: ['GatherV2'],
    samples: fc
      .tuple(size(1, 3), size(1, 3), size(1, 4), size(1, 2))
      .chain((shape) =>
        fc.record({
          x: floats(shape),
          last: integers([shape[0], shape[1], 3], { min: 0, max: shape[2] - 1 }),
          second: integers([shape[0], 2], { min: 0, max: shape[1] - 1 }),
          third: integers([shape[0], 2, 2], { min: 0, max: shape[2] - 1 }),
        }),
      )
      .map((inputs) => ({
        inputs,
        run: (given) => {
          const pick = (indices: string, axis: number, batchDims: number) => (t: tf.Tensor) =>
            tf.gather(t, given[indices]! as tf.Tensor1D, axis, batchDims);
          return {
            ...all({ last: pick('last', 2, 2) as never, third: pick('third', 2, 1) as never }, [given['x']!]),
            second: pick('second', 1, 1)(given['x']!),
          };
        },
      })),
  },
  {
    title: 'the largest elements and where they are, the first where they tie',
    kernels: ['TopK'],
    samples: shapes({ minRank: 1, maxRank: 3, maxSize: 6 })
      .chain((shape) => fc.record({ x: floats(shape, { step: 1 }), i: integers(shape), k: size(1, shape.at(-1)!) }))
      .map(({ x, i, k }) => ({
        inputs: { x, i },
        run: (given) => {
          const floatsOf = tf.topk(given['x']!, k);
          const integersOf = tf.topk(given['i']!, k);
          return {
            values: floatsOf.values,
            indices: floatsOf.indices,
            integers: integersOf.values,
            places: integersOf.indices,
          };
        },
      })),
  },
  {
    title: 'counts of numbers, weighted and plain, with numbers beyond the end left out',
    kernels: ['Bincount', 'DenseBincount'],
    samples: fc
      .tuple(size(1, 3), size(1, 6))
      .chain((shape) => fc.record({ x: integers(shape, { min: 0, max: 6 }), weights: floats(shape), size: size(1, 8) }))
      .map(({ x, weights, size: bins }) => ({
        inputs: { x, weights },
        run: (given) => {
          const rows = given['x']! as tf.Tensor2D;
          const flat = tf.reshape(rows, [-1]) as tf.Tensor1D;
          const heavy = tf.reshape(given['weights']!, [-1]) as tf.Tensor1D;
          const none = tf.tensor1d([], 'int32');
          return {
            counts: tf.bincount(flat, none, bins),
            sums: tf.bincount(flat, heavy, bins),
            rows: tf.denseBincount(rows, given['weights']! as tf.Tensor2D, bins),
            plain: tf.denseBincount(flat, none, bins),
            flags: tf.denseBincount(rows, given['weights']! as tf.Tensor2D, bins, true),
          };
        },
      })),
  },
  {
    title: 'places in sorted rows, before and after equal numbers',
    kernels: ['SearchSorted'],
    samples: fc
      .tuple(size(1, 3), size(1, 5), size(1, 4))
      .chain(([rows, length, wanted]) =>
        fc.record({ x: floats([rows, length], { step: 1 }), values: floats([rows, wanted], { step: 1 }) }),
      )
      .map(({ x, values }) => {
        const length = x.shape[1]!;
        const sorted = x.data.map((_, index) => {
          const row = Math.floor(index / length) * length;
          return x.data.slice(row, row + length).sort()[index - row]!;
        }) as Float32Array;
        return {
          inputs: { x: { ...x, data: sorted }, values },
          run: (given) => ({
            before: tf.lowerBound(given['x']!, given['values']!),
            after: tf.upperBound(given['x']!, given['values']!),
          }),
        };
      }),
  },
  {
    title: 'diagonals, and shapes that broadcast together',
    kernels: ['Diag', 'BroadcastArgs'],
    samples: shapes({ minRank: 1, maxRank: 2 })
      .chain((shape) =>
        fc.tuple(floats(shape), fc.nat(shape.length - 1), fc.array(fc.boolean(), { minLength: 2, maxLength: 2 })),
      )
      .map(([x, dropped, single]) => {
        const shape = Int32Array.from(x.shape);
        const other = Int32Array.from(x.shape.map((length, axis) => (single[axis] ? 1 : length))).slice(dropped);
        return {
          inputs: {
            x,
            a: { data: shape, shape: [shape.length], dtype: 'int32' },
            b: { data: other, shape: [other.length], dtype: 'int32' },
          },
          run: (given) => ({
            diagonal: tf.diag(given['x']!),
            shape: tf.broadcastArgs(given['a']!, given['b']!),
            turned: tf.broadcastArgs(given['b']!, given['a']!),
          }),
        };
      }),
  },
  {
    title: 'sums of products in Einstein’s notation',
    kernels: ['Einsum'],
    samples: fc
      .tuple(size(1, 3), size(1, 3), size(1, 4), size(1, 3))
      .chain(([b, i, j, k]) => fc.record({ x: floats([b, i, j]), y: floats([b, j, k]), z: floats([i, j]) }))
      .map((inputs) => ({
        inputs,
        run: (given) => ({
          product: tf.einsum('bij,bjk->bik', given['x']!, given['y']!),
          transposed: tf.einsum('bij -> jib', given['x']!),
          traced: tf.einsum('bij,ij->b', given['x']!, given['z']!),
          total: tf.einsum('ij->', given['z']!),
        }),
      })),
  },
];
