/** Samples for every image kernel: resizing and its gradients, flips, rotations, crops, the choice of boxes. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { floats, integers } from './engine-arbitraries.ts';
import { type KernelCase, tracedKernel, upstream, withGradients } from './engine-kernel-case.ts';

const size = (min: number, max: number) => fc.integer({ min, max });
const images = fc.tuple(size(1, 2), size(1, 6), size(1, 6), size(1, 4)).chain((shape) => floats(shape));
type Resize = (images: tf.Tensor4D, size: [number, number], corners: boolean, centers: boolean) => tf.Tensor4D;

/** The gradient of a linear map of images, one element of the original image after the other. */
function gradientByElements(map: (x: tf.Tensor4D) => tf.Tensor, x: tf.Tensor4D, dy: tf.Tensor): tf.Tensor {
  const count = tf.util.sizeFromShape(x.shape);
  const basis = tf.reshape(tf.eye(count), [count, ...x.shape]);
  return tf.reshape(
    tf.stack(tf.unstack(basis).map((element) => tf.sum(tf.mul(map(element as tf.Tensor4D), dy)))),
    x.shape,
  );
}

/** The CPU backend turns this gradient by half pixels or on its side, so every element is moved on its own instead. */
function resizing(kernel: 'ResizeBilinear' | 'ResizeNearestNeighbor', resize: Resize): KernelCase['samples'] {
  return fc
    .record({
      x: fc.tuple(size(1, 2), size(1, 4), size(1, 4), size(1, 2)).chain((shape) => floats(shape)),
      height: size(1, 7),
      width: size(1, 7),
      coordinates: fc.constantFrom<[boolean, boolean]>([false, false], [true, false], [false, true]),
    })
    .map(({ x, height, width, coordinates: [alignCorners, halfPixelCenters] }) => ({
      inputs: { x },
      run: (given) => {
        const run = (t: tf.Tensor4D) => resize(t, [height, width], alignCorners, halfPixelCenters);
        const original = given['x']! as tf.Tensor4D;
        const resized = run(original);
        const dy = upstream(resized.shape);
        return {
          resized,
          gradient: tracedKernel(
            `${kernel}Grad`,
            { images: original, dy },
            { alignCorners, halfPixelCenters, size: [height, width] },
            () => gradientByElements(run, original, dy),
          ),
        };
      },
    }));
}

/** Boxes with edges on a grid that 32 bits hold exactly, some of them turned round or partly outside. */
const boxes = (count: number) => floats([count, 4], { min: -0.25, max: 1.25, step: 1 / 8 });

export const imageCases: readonly KernelCase[] = [
  {
    title: 'linear interpolation to any size in any coordinates, and its gradient',
    kernels: ['ResizeBilinear', 'ResizeBilinearGrad'],
    samples: resizing('ResizeBilinear', tf.image.resizeBilinear),
  },
  {
    title: 'the nearest pixels at any size in any coordinates, and their gradient',
    kernels: ['ResizeNearestNeighbor', 'ResizeNearestNeighborGrad'],
    samples: resizing('ResizeNearestNeighbor', tf.image.resizeNearestNeighbor),
  },
  {
    title: 'resizing of squares, and its gradients as TensorFlow.js takes them',
    kernels: ['ResizeBilinear', 'ResizeBilinearGrad', 'ResizeNearestNeighbor', 'ResizeNearestNeighborGrad'],
    samples: fc
      .tuple(size(1, 5), size(1, 3), size(1, 8), fc.boolean())
      .chain(([length, channels, resized, alignCorners]) =>
        fc.record({
          x: floats([1, length, length, channels]), // the CPU backend mixes up the gradients of several images
          resized: fc.constant(resized),
          alignCorners: fc.constant(alignCorners && length > 1), // the CPU backend never ends with a single pixel at corners
        }),
      )
      .map(({ x, resized, alignCorners }) => ({
        inputs: { x },
        run: (given) => ({
          ...withGradients(
            'linear',
            (t) => tf.image.resizeBilinear(t as tf.Tensor4D, [resized, resized], alignCorners),
            [given['x']!],
          ),
          ...withGradients(
            'nearest',
            (t) => tf.image.resizeNearestNeighbor(t as tf.Tensor4D, [resized, resized], alignCorners),
            [given['x']!],
          ),
        }),
      })),
  },
  {
    title: 'resizing of integers',
    kernels: ['ResizeBilinear', 'ResizeNearestNeighbor'],
    samples: fc
      .tuple(size(1, 5), size(1, 5))
      .chain(([height, width]) => integers([1, height, width, 2]))
      .map((x) => ({
        inputs: { x },
        run: (given) => ({
          linear: tf.image.resizeBilinear(given['x']! as tf.Tensor4D, [4, 6]),
          nearest: tf.image.resizeNearestNeighbor(given['x']! as tf.Tensor4D, [4, 6]),
        }),
      })),
  },
  {
    title: 'flips and rotations',
    kernels: ['FlipLeftRight', 'RotateWithOffset'],
    samples: fc
      .record({
        x: images,
        quarter: size(-8, 8),
        center: fc.oneof(fc.constant(0.5), fc.constant<[number, number]>([0.25, 0.75])),
        fill: fc.constantFrom<number | [number, number, number]>(0, 3, [1, 2, 3]),
      })
      .map(({ x, quarter, center, fill }) => ({
        inputs: { x },
        run: (given) => {
          const image = given['x']! as tf.Tensor4D;
          return {
            flipped: tf.image.flipLeftRight(image),
            rotated: tf.image.rotateWithOffset(image, quarter * 0.7, fill, center),
          };
        },
      })),
  },
  {
    title: 'crops of boxes in and out of images, by interpolation and by the nearest pixel',
    kernels: ['CropAndResize'],
    samples: fc
      .tuple(size(1, 3), size(1, 3), size(1, 2))
      .chain(([batch, count, channels]) =>
        fc.record({
          image: floats([batch, 5, 9, channels]), // 4 and 8 steps: places in the boxes are exact in 32 bits
          boxes: boxes(count),
          indices: integers([count], { min: 0, max: batch - 1 }),
          crop: fc.tuple(fc.constantFrom(1, 2, 3, 5), fc.constantFrom(1, 2, 3, 5)),
        }),
      )
      .map(({ image, boxes: edges, indices, crop }) => ({
        inputs: { image, edges, indices },
        run: (given) => {
          const [pixels, frames, of] = [given['image'], given['edges'], given['indices']] as unknown as [
            tf.Tensor4D,
            tf.Tensor2D,
            tf.Tensor1D,
          ];
          return {
            linear: tf.image.cropAndResize(pixels, frames, of, crop, 'bilinear', -2),
            nearest: tf.image.cropAndResize(pixels, frames, of, crop, 'nearest', -2),
          };
        },
      })),
  },
  {
    title: 'the best of overlapping boxes, in a result of fixed size',
    kernels: ['NonMaxSuppressionV4'],
    samples: size(1, 6)
      .chain((count) =>
        fc.tuple(boxes(count), fc.shuffledSubarray([1, 2, 3, 4, 5, 6], { minLength: count, maxLength: count })),
      )
      .map(([edges, ranks]) => ({
        inputs: {
          edges,
          scores: { data: Float32Array.from(ranks, (rank) => rank / 8), shape: [ranks.length], dtype: 'float32' },
        },
        run: (given) => {
          const { selectedIndices, validOutputs } = tf.image.nonMaxSuppressionPadded(
            given['edges']! as tf.Tensor2D,
            given['scores']! as tf.Tensor1D,
            4,
            0.3,
            0.2,
            true,
          ) as unknown as { selectedIndices: tf.Tensor1D; validOutputs: tf.Scalar };
          return { selectedIndices, validOutputs };
        },
      })),
  },
];
