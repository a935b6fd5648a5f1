/** Samples for plain and transposed convolutions of images, with gradients. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { type Convolution, images, size, values, withHoles } from './engine-convolution-arbitrary-cases.ts';
import { type KernelCase, withGradients } from './engine-kernel-case.ts';

export const convolutionCases: readonly KernelCase[] = [
  {
    title: 'convolutions of any stride and padding, and their gradients',
    kernels: ['Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter'],
    samples: images.map(({ x, filter, strides, pad }) => ({
      inputs: { x, filter },
      run: (given) => {
        const convolution: Convolution = (image, weights) =>
          tf.conv2d(image as tf.Tensor4D, weights as tf.Tensor4D, strides, pad);
        return withGradients('convolution', convolution as never, [given['x']!, given['filter']!]);
      },
    })),
  },
  {
    title: 'convolutions of single pixels, which are matrix products, and their gradients',
    kernels: ['Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter'],
    samples: fc
      .tuple(size(1, 3), size(1, 4), size(1, 4), size(1, 4), size(1, 4))
      .chain(([batch, height, width, channels, outputs]) =>
        fc.record({ x: values([batch, height, width, channels]), filter: values([1, 1, channels, outputs]) }),
      )
      .map(({ x, filter }) => ({
        inputs: { x, filter },
        run: (given) =>
          withGradients(
            'pixels',
            ((image: tf.Tensor4D, weights: tf.Tensor4D) => tf.conv2d(image, weights, 1, 'same')) as never,
            [given['x']!, given['filter']!],
          ),
      })),
  },
  {
    title: 'convolutions whose number of windows is rounded in any way',
    kernels: ['Conv2D'],
    samples: images.map(({ x, filter, strides, pad, rounding }) => ({
      inputs: { x, filter },
      run: (given) => ({
        rounded: tf.conv2d(
          given['x']! as tf.Tensor4D,
          given['filter']! as tf.Tensor4D,
          strides,
          pad,
          'NHWC',
          1,
          typeof pad === 'string' ? undefined : rounding,
        ),
      }),
    })),
  },
  {
    title: 'convolutions with holes, plain and depthwise',
    kernels: ['Conv2D', 'DepthwiseConv2dNative'],
    samples: withHoles.map(({ x, filter, dilations, pad }) => ({
      inputs: { x, filter },
      run: (given) => {
        const [image, weights] = [given['x']! as tf.Tensor4D, given['filter']! as tf.Tensor4D];
        return {
          plain: tf.conv2d(image, weights, 1, pad, 'NHWC', dilations),
          depthwise: tf.depthwiseConv2d(image, weights, 1, pad, 'NHWC', dilations),
        };
      },
    })),
  },
  {
    title: 'convolutions of images with channels first',
    kernels: ['Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter'],
    samples: images
      .filter(({ pad }) => typeof pad === 'string')
      .map(({ x, filter, strides, pad }) => ({
        inputs: { x, filter },
        run: (given) => {
          const convolution: Convolution = (image, weights) =>
            tf.conv2d(tf.transpose(image, [0, 3, 1, 2]) as tf.Tensor4D, weights as tf.Tensor4D, strides, pad, 'NCHW');
          return withGradients('channels first', convolution as never, [given['x']!, given['filter']!]);
        },
      })),
  },
  {
    title: 'transposed convolutions, and their gradients',
    kernels: ['Conv2DBackpropInput', 'Conv2D', 'Conv2DBackpropFilter'],
    samples: images
      .filter(({ pad }) => typeof pad === 'string')
      .map(({ x, filter, strides, pad }) => {
        const { outShape } = tf.backend_util.computeConv2DInfo(
          x.shape as never,
          filter.shape as never,
          strides,
          1,
          pad,
        );
        const small = { ...x, shape: outShape.with(3, filter.shape[3]!) };
        const count = tf.util.sizeFromShape(small.shape);
        const data = Float32Array.from({ length: count }, (_, index) => x.data[index % x.data.length]!);
        return {
          inputs: { x: { ...small, data }, filter },
          run: (given) => {
            const convolution: Convolution = (image, weights) =>
              tf.conv2dTranspose(
                image as tf.Tensor4D,
                weights as tf.Tensor4D,
                x.shape as [number, number, number, number],
                strides,
                pad,
              );
            return withGradients('transposed', convolution as never, [given['x']!, given['filter']!]);
          },
        };
      }),
  },
  {
    title: 'convolutions of large windows, and their gradients',
    kernels: ['Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter'],
    samples: fc
      .record({
        window: fc.tuple(size(5, 7), size(7, 8)),
        more: fc.tuple(size(0, 4), size(0, 4)),
        strides: size(1, 3),
        pad: fc.constantFrom('same' as const, 'valid' as const, 2),
      })
      .chain(({ window, more, ...options }) =>
        fc.record({
          x: values([2, window[0] + more[0], window[1] + more[1], 2]),
          filter: values([...window, 2, 3]),
          options: fc.constant(options),
        }),
      )
      .map(({ x, filter, options: { strides, pad } }) => ({
        inputs: { x, filter },
        run: (given) => {
          const convolution: Convolution = (image, weights) =>
            tf.conv2d(image as tf.Tensor4D, weights as tf.Tensor4D, strides, pad);
          return withGradients('large', convolution as never, [given['x']!, given['filter']!]);
        },
      })),
  },
];
