/** Samples for every pooling kernel, in two and three dimensions, with gradients. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import type { HostTensor } from '../../packages/core/src/contracts/index.ts';
import { floats, integers } from './engine-arbitraries.ts';
import { type KernelCase, tracedKernel, upstream, withGradients } from './engine-kernel-case.ts';

type Padding = 'valid' | 'same' | number | [[number, number], [number, number], [number, number], [number, number]];

const size = (min: number, max: number) => fc.integer({ min, max });

/** Values on a coarse grid, so that several elements of a window are the largest. */
const tied = (shape: readonly number[]) => floats(shape, { min: -3, max: 3, step: 0.5 });

/** Values without ties. */
function distinct(shape: readonly number[]): fc.Arbitrary<HostTensor> {
  const all = Array.from({ length: tf.util.sizeFromShape([...shape]) }, (_, index) => index - 7);
  return fc
    .shuffledSubarray(all, { minLength: all.length })
    .map((data) => ({ data: Float32Array.from(data), shape, dtype: 'float32' }));
}

/** Images with windows that fit into them; padding is always less than a window is long. */
const images = fc
  .record({
    batch: size(1, 2),
    window: fc.tuple(size(1, 3), size(1, 3)),
    more: fc.tuple(size(0, 5), size(0, 5)),
    channels: size(1, 3),
    strides: fc.oneof(size(1, 3), fc.tuple(size(1, 3), size(1, 3))) as fc.Arbitrary<number>,
    padding: fc.oneof(
      fc.constantFrom<Padding>('valid', 'same'),
      fc.array(size(0, 2), { minLength: 4, maxLength: 4 }).map((pads) => pads as unknown as Padding),
    ),
  })
  .chain(({ batch, window, more, channels, strides, padding }) => {
    const pad = Array.isArray(padding) ? explicit(padding as unknown as number[], window) : padding;
    return fc.record({
      x: tied([batch, window[0] + more[0], window[1] + more[1], channels]),
      window: fc.constant(window),
      strides: fc.constant(strides),
      pad: fc.constant(pad as number),
      batched: fc.boolean(),
    });
  });

function explicit(pads: readonly number[], [height, width]: readonly [number, number]): Padding {
  const [top, bottom, left, right] = pads.map((pad, side) => Math.min(pad, (side < 2 ? height : width) - 1));
  return [
    [0, 0],
    [top!, bottom!],
    [left!, right!],
    [0, 0],
  ];
}

const volumes = fc
  .record({
    batch: size(1, 2),
    window: fc.oneof(
      fc.tuple(size(1, 2), size(1, 3), size(1, 2)),
      size(1, 3).map((length) => [length, length, length] as [number, number, number]),
    ),
    more: fc.tuple(size(0, 3), size(0, 2), size(0, 3)),
    channels: size(1, 2),
    strides: size(1, 3),
    pad: fc.constantFrom('valid' as const, 'same' as const),
  })
  .chain(({ batch, window, more, channels, ...options }) =>
    fc.record({
      x: distinct([batch, ...window.map((length, axis) => length + more[axis]!), channels]),
      window: fc.constant(window),
      options: fc.constant(options),
    }),
  );

/** An average by TensorFlow.js's own convolutions: their gradients divide by the elements inside, as the average does. */
function averageByConvolution(
  x: tf.Tensor,
  window: readonly number[],
  strides: number,
  pad: 'valid' | 'same' | number,
): tf.Tensor {
  const axes = x.shape.length - 2;
  const [batch, channels] = [x.shape[0]!, x.shape.at(-1)!];
  const sizes = x.shape.slice(1, -1);
  const first = tf.transpose(x, [0, axes + 1, ...sizes.map((_, axis) => axis + 1)]);
  const planes = tf.reshape(first, [batch * channels, ...sizes, 1]);
  const ones = tf.ones([...window, 1, 1]);
  const summed = (t: tf.Tensor): tf.Tensor =>
    axes === 2
      ? tf.conv2d(t as tf.Tensor4D, ones as tf.Tensor4D, strides, pad)
      : tf.conv3d(t as tf.Tensor5D, ones as tf.Tensor5D, strides, pad as 'same');
  const average = tf.div(summed(planes), summed(tf.onesLike(planes)));
  const apart = tf.reshape(average, [batch, channels, ...average.shape.slice(1, -1)]);
  return tf.transpose(apart, [0, ...sizes.map((_, axis) => axis + 2), 1]);
}

export const poolingCases: readonly KernelCase[] = [
  {
    title: 'maxima of windows with ties, their gradient, which goes to the first of them, and their positions',
    kernels: ['MaxPool', 'MaxPoolGrad', 'MaxPoolWithArgmax'],
    samples: images.map(({ x, window, strides, pad, batched }) => ({
      inputs: { x },
      run: (given) => {
        const image = given['x']! as tf.Tensor4D;
        const indexed = typeof pad === 'string' ? tf.maxPoolWithArgmax(image, window, strides, pad, batched) : {};
        return {
          ...withGradients('maximum', (t) => tf.maxPool(t as tf.Tensor4D, window, strides, pad), [image]),
          ...indexed,
        };
      },
    })),
  },
  {
    title: 'averages of windows, and their gradient',
    kernels: ['AvgPool', 'AvgPoolGrad'],
    samples: images.map(({ x, window, strides, pad }) => ({
      inputs: { x },
      run: (given) => {
        const image = given['x']! as tf.Tensor4D;
        const average = tf.avgPool(image, window, strides, pad);
        const dy = upstream(average.shape);
        const attributes = { filterSize: window, strides, pad };
        return {
          average,
          // The CPU backend divides by the elements of the window in its gradient, also by those in the padding.
          gradient: tracedKernel('AvgPoolGrad', { dy, input: image }, attributes as never, () =>
            tf.grad((t) => averageByConvolution(t, window, strides, pad))(image, dy),
          ),
        };
      },
    })),
  },
  {
    title: 'averages of windows without padding, and their gradient as TensorFlow.js takes it',
    kernels: ['AvgPool', 'AvgPoolGrad', 'AvgPool3D', 'AvgPool3DGrad'],
    samples: fc.tuple(images, volumes).map(([image, volume]) => ({
      inputs: { image: image.x, volume: volume.x },
      run: (given) => ({
        ...withGradients('image', (t) => tf.avgPool(t as tf.Tensor4D, image.window, image.strides, 'valid'), [
          given['image']!,
        ]),
        ...withGradients(
          'volume',
          (t) => tf.avgPool3d(t as tf.Tensor5D, volume.window, volume.options.strides, 'valid'),
          [given['volume']!],
        ),
      }),
    })),
  },
  {
    title: 'maxima of integers',
    kernels: ['MaxPool'],
    samples: images
      .chain(({ x, window, strides }) =>
        fc.record({ x: integers(x.shape), window: fc.constant(window), strides: fc.constant(strides) }),
      )
      .map(({ x, window, strides }) => ({
        inputs: { x },
        run: (given) => ({ maximum: tf.maxPool(given['x']! as tf.Tensor4D, window, strides, 'same') }),
      })),
  },
  {
    title: 'maxima of cubes without ties, where the CPU backend takes the last one, and their gradient',
    kernels: ['MaxPool3D', 'MaxPool3DGrad'],
    samples: volumes
      .filter(({ window }) => new Set(window).size === 1)
      .map(({ x, window, options: { strides, pad } }) => ({
        inputs: { x },
        run: (given) =>
          withGradients('maximum', (t) => tf.maxPool3d(t as tf.Tensor5D, window, strides, pad), [given['x']!]),
      })),
  },
  {
    title: 'pooling in three dimensions, and the gradient of averages',
    kernels: ['MaxPool3D', 'AvgPool3D', 'AvgPool3DGrad'],
    samples: volumes.map(({ x, window, options: { strides, pad } }) => ({
      inputs: { x },
      run: (given) => {
        const volume = given['x']! as tf.Tensor5D;
        const average = tf.avgPool3d(volume, window, strides, pad);
        const dy = upstream(average.shape);
        const attributes = { filterSize: window, strides, pad };
        return {
          maximum: tf.maxPool3d(volume, window, strides, pad), // the CPU backend loses its gradient where sides differ
          average,
          gradient: tracedKernel('AvgPool3DGrad', { dy, input: volume }, attributes as never, () =>
            tf.grad((t) => averageByConvolution(t, window, strides, pad))(volume, dy),
          ),
        };
      },
    })),
  },
];
