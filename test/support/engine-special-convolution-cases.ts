/** Samples for depthwise, fused and three-dimensional convolutions, with gradients. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { type Convolution, images, pairOf, size, values, withHoles } from './engine-convolution-arbitrary-cases.ts';
import { type KernelCase, tracedKernel, withGradients } from './engine-kernel-case.ts';

/** A filter with holes as one without: zeros stand in the holes. */
function withZerosInHoles(filter: tf.Tensor4D, dilations: number): tf.Tensor4D {
  const [down, right] = pairOf(dilations);
  const [height, width, channels, multiplier] = filter.shape;
  const apart = tf.pad(tf.reshape(filter, [height, 1, width, 1, channels * multiplier]), [
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, right - 1],
    [0, 0],
  ]);
  const wide = tf.reshape(apart, [height * down, width * right, channels, multiplier]);
  return tf.slice(
    wide,
    [0, 0, 0, 0],
    [(height - 1) * down + 1, (width - 1) * right + 1, channels, multiplier],
  ) as tf.Tensor4D;
}

const activations = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const;

export const specialConvolutionCases: readonly KernelCase[] = [
  {
    title: 'depthwise convolutions of any stride and padding, and their gradients',
    kernels: ['DepthwiseConv2dNative', 'DepthwiseConv2dNativeBackpropInput', 'DepthwiseConv2dNativeBackpropFilter'],
    samples: images.map(({ x, filter, strides, pad }) => ({
      inputs: { x, filter },
      run: (given) => {
        const convolution: Convolution = (image, weights) =>
          tf.depthwiseConv2d(image as tf.Tensor4D, weights as tf.Tensor4D, strides, pad);
        return withGradients('depthwise', convolution as never, [given['x']!, given['filter']!]);
      },
    })),
  },
  {
    title: 'gradients of depthwise convolutions with holes',
    kernels: ['DepthwiseConv2dNativeBackpropInput', 'DepthwiseConv2dNativeBackpropFilter'],
    samples: withHoles.map(({ x, filter, dilations, pad }) => ({
      inputs: { x, filter },
      run: (given) => {
        const [image, weights] = [given['x']! as tf.Tensor4D, given['filter']! as tf.Tensor4D];
        const dy = tf.sin(tf.depthwiseConv2d(image, weights, 1, pad, 'NHWC', dilations));
        const attributes = { strides: 1, pad, dilations };
        const byInput = { ...attributes, inputShape: image.shape };
        const byFilter = { ...attributes, filterShape: weights.shape };
        // The CPU backend leaves out the holes in these gradients; TensorFlow.js itself refuses to take them.
        const whole = withZerosInHoles(weights, dilations);
        const kernel = (name: string, inputs: tf.NamedTensorMap, shapes: tf.NamedAttrMap) =>
          tf.engine().runKernel(name, inputs, { strides: 1, pad, dilations: 1, ...shapes }) as tf.Tensor;
        const [input, filter] = ['DepthwiseConv2dNativeBackpropInput', 'DepthwiseConv2dNativeBackpropFilter'] as const;
        return {
          input: tracedKernel(input, { dy, filter: weights }, byInput, () =>
            kernel(input, { dy, filter: whole }, { inputShape: image.shape }),
          ),
          filter: tracedKernel(filter, { x: image, dy }, byFilter, () => {
            const gradient = kernel(filter, { x: image, dy }, { filterShape: whole.shape });
            const [down, right] = pairOf(dilations);
            return tf.stridedSlice(gradient, [0, 0, 0, 0], gradient.shape, [down, right, 1, 1]);
          }),
        };
      },
    })),
  },
  {
    title: 'convolutions fused with a bias and an activation, and their gradients',
    kernels: ['FusedConv2D', 'FusedDepthwiseConv2D'],
    samples: images
      .chain(({ x, filter, strides, pad }) => {
        const [, , channels, outputs] = filter.shape as [number, number, number, number];
        const numbers = (count: number) => fc.oneof(values([count]), values([1]), values([]));
        return fc.record({
          x: fc.constant(x),
          filter: fc.constant(filter),
          bias: numbers(outputs),
          depthwiseBias: numbers(channels * outputs),
          slopes: values([outputs]),
          depthwiseSlopes: values([channels * outputs]),
          strides: fc.constant(strides),
          pad: fc.constant(pad),
          activation: fc.constantFrom(...activations),
        });
      })
      .map(({ strides, pad, activation, ...inputs }) => ({
        inputs,
        run: (given) => {
          const options = { strides, pad, activation, leakyreluAlpha: 0.3 };
          const fused = (image: tf.Tensor, weights: tf.Tensor, bias: tf.Tensor) =>
            tf.fused.conv2d({
              ...options,
              x: image as tf.Tensor4D,
              filter: weights as tf.Tensor4D,
              bias,
              preluActivationWeights: given['slopes']!,
            });
          return {
            plain: fused(given['x']!, given['filter']!, given['bias']!),
            depthwise: tf.fused.depthwiseConv2d({
              ...options,
              x: given['x']! as tf.Tensor4D,
              filter: given['filter']! as tf.Tensor4D,
              bias: given['depthwiseBias']!,
              preluActivationWeights: given['depthwiseSlopes']!,
            }),
            ...(activation === 'linear' && inputs.bias.shape[0] === inputs.filter.shape[3]
              ? withGradients('gradients', fused as never, [given['x']!, given['filter']!, given['bias']!])
              : {}),
          };
        },
      })),
  },
  {
    title: 'convolutions in three dimensions, plain and transposed, and their gradients',
    kernels: ['Conv3D', 'Conv3DBackpropInputV2', 'Conv3DBackpropFilterV2'],
    samples: fc
      .record({
        window: fc.tuple(size(1, 3), size(1, 2), size(1, 3)),
        more: fc.tuple(size(0, 2), size(0, 3), size(0, 2)),
        batch: size(1, 2),
        channels: size(1, 3),
        outputs: size(1, 3),
        strides: size(1, 3),
        dilations: size(1, 2),
        pad: fc.constantFrom('valid', 'same'),
      })
      .chain(({ window, more, batch, channels, outputs, ...options }) =>
        fc.record({
          x: values([batch, ...window.map((length, axis) => length + more[axis]!), channels]),
          filter: values([...window, channels, outputs]),
          options: fc.constant(options as { strides: number; dilations: number; pad: 'valid' | 'same' }),
        }),
      )
      .map(({ x, filter, options: { strides, dilations, pad } }) => ({
        inputs: { x, filter },
        run: (given) => {
          const convolution = (volume: tf.Tensor, weights: tf.Tensor) =>
            tf.conv3d(volume as tf.Tensor5D, weights as tf.Tensor5D, strides, pad);
          const plain = convolution(given['x']!, given['filter']!) as tf.Tensor5D;
          const reach = filter.shape.slice(0, 3).map((length) => (length - 1) * dilations + 1);
          const fits = reach.every((length, axis) => length <= x.shape[axis + 1]!);
          return {
            transposed: tf.conv3dTranspose(plain, given['filter']! as tf.Tensor5D, x.shape as never, strides, pad),
            ...(fits
              ? {
                  holes: tf.conv3d(
                    given['x']! as tf.Tensor5D,
                    given['filter']! as tf.Tensor5D,
                    1,
                    pad,
                    'NDHWC',
                    dilations,
                  ),
                }
              : {}),
            ...withGradients('plain', convolution as never, [given['x']!, given['filter']!]),
          };
        },
      })),
  },
];
