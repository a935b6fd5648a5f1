/** Samples for kernels that move blocks of pixels, mirror, reverse and slice with steps. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { anyTensors, floats, shapes } from './engine-arbitraries.ts';
import { allWithGradients, type KernelCase, tracedKernel, withGradients } from './engine-kernel-case.ts';

const size = (min: number, max: number) => fc.integer({ min, max });

export const rearrangementCases: readonly KernelCase[] = [
  {
    title: 'channels spread out as blocks of pixels, channels last and first',
    kernels: ['DepthToSpace'],
    samples: fc
      .tuple(size(1, 2), size(1, 3), size(1, 3), size(1, 3), size(2, 3))
      .chain(([batch, height, width, channels, block]) =>
        fc.tuple(floats([batch, height, width, channels * block ** 2]), fc.constant(block)),
      )
      .map(([x, block]) => ({
        inputs: { x },
        run: (given) => ({
          last: tf.depthToSpace(given['x']! as tf.Tensor4D, block),
          // The CPU backend computes channels last only.
          first: tracedKernel(
            'DepthToSpace',
            { x: tf.transpose(given['x']!, [0, 3, 1, 2]) },
            { blockSize: block, dataFormat: 'NCHW' },
            () => tf.transpose(tf.depthToSpace(given['x']! as tf.Tensor4D, block), [0, 3, 1, 2]),
          ),
        }),
      })),
  },
  {
    title: 'blocks of pixels moved to the batch and back, and the gradients',
    kernels: ['SpaceToBatchND', 'BatchToSpaceND'],
    samples: fc
      .record({
        batch: size(1, 2),
        blocks: fc.tuple(size(1, 3), size(1, 3)),
        counts: fc.tuple(size(1, 3), size(1, 3)),
        before: fc.tuple(size(0, 2), size(0, 2)),
        channels: size(1, 2),
      })
      .chain(({ batch, blocks, counts, before, channels }) => {
        const paddings = before.map((pad, axis) => {
          const whole = blocks[axis]! * counts[axis]!;
          const inside = Math.max(1, whole - pad - 1);
          return [Math.min(pad, whole - inside), whole - inside - Math.min(pad, whole - inside)];
        });
        const sizes = paddings.map(([first, last], axis) => blocks[axis]! * counts[axis]! - first! - last!);
        return fc.record({
          x: floats([batch, ...sizes, channels]),
          blocks: fc.constant(blocks as number[]),
          paddings: fc.constant(paddings),
        });
      })
      .map(({ x, blocks, paddings }) => ({
        inputs: { x },
        run: (given) => {
          const apart = (t: tf.Tensor) => tf.spaceToBatchND(t, blocks, paddings);
          return allWithGradients(
            {
              apart: apart as never,
              back: ((t: tf.Tensor) => tf.batchToSpaceND(tf.mul(apart(t), 2), blocks, paddings)) as never,
            },
            [given['x']!],
          );
        },
      })),
  },
  {
    title: 'padding by reflection, with the edge once and twice, and its gradient',
    kernels: ['MirrorPad'],
    samples: shapes({ minRank: 1, maxRank: 3 })
      .chain((shape) =>
        fc.record({
          x: floats(shape),
          any: anyTensors(shape),
          paddings: fc.tuple(...shape.map((length) => fc.tuple(fc.nat(length - 1), fc.nat(length - 1)))),
        }),
      )
      .map(({ x, any, paddings }) => ({
        inputs: { x, any },
        run: (given) => ({
          ...withGradients('reflect', (t) => tf.mirrorPad(t, paddings, 'reflect'), [given['x']!]),
          ...withGradients('symmetric', (t) => tf.mirrorPad(t, paddings, 'symmetric'), [given['x']!]),
          any: tf.mirrorPad(given['any']!, paddings, 'symmetric'),
        }),
      })),
  },
  {
    title: 'reversal along any axes, and its gradient',
    kernels: ['Reverse'],
    samples: shapes({ minRank: 1 })
      .chain((shape) =>
        fc.record({ x: floats(shape), any: anyTensors(shape), axes: fc.subarray(shape.map((_, axis) => axis)) }),
      )
      .map(({ x, any, axes }) => ({
        inputs: { x, any },
        run: (given) => ({
          ...withGradients('reversed', (t) => tf.reverse(t, axes), [given['x']!]),
          any: tf.reverse(given['any']!, axes),
          all: tf.reverse(given['any']!),
        }),
      })),
  },
  {
    title: 'slices with steps of either sign, masks, new and dropped axes',
    kernels: ['StridedSlice'],
    samples: fc
      .tuple(size(2, 5), size(2, 5), size(2, 4))
      .chain((shape) =>
        fc.record({
          x: anyTensors(shape),
          parts: fc.tuple(...shape.map((length) => fc.tuple(fc.nat(length - 1), fc.nat(length - 1), size(1, 3)))),
          masks: fc.record({ begin: fc.nat(7), end: fc.nat(7) }),
        }),
      )
      .map(({ x, parts, masks }) => ({
        inputs: { x },
        run: (given) => {
          const image = given['x']!;
          const forwards = parts.map(([a, b, step]) => ({ begin: Math.min(a, b), end: Math.max(a, b) + 1, step }));
          const backwards = forwards.map(({ begin, end, step }) => ({ begin: end - 1, end: begin - 1, step: -step }));
          const slice = (of: typeof forwards, ...more: number[]) =>
            tf.stridedSlice(
              image,
              of.map(({ begin }) => begin),
              of.map(({ end }) => end),
              of.map(({ step }) => step),
              ...more,
            );
          return {
            forwards: slice(forwards),
            masked: slice(forwards, masks.begin, masks.end),
            backwards: slice(backwards, 0, 0b111),
            // The CPU backend cannot drop an axis and take steps at once.
            dropped: slice(
              forwards.map((part) => ({ ...part, step: 1 })),
              0,
              0,
              0,
              0,
              0b010,
            ),
            widened: tf.stridedSlice(image, [0, 0], [1, 1], [1, 1], 0, 0, 0b10, 0b01),
          };
        },
      })),
  },
];
