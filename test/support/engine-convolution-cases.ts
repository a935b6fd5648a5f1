/** Samples for every convolution kernel: plain, depthwise, transposed, fused and in three dimensions, with gradients. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { floats } from './engine-arbitraries.ts';
import { type KernelCase, tracedKernel, withGradients } from './engine-kernel-case.ts';

type Padding = 'valid' | 'same' | number | [[number, number], [number, number], [number, number], [number, number]];
type Rounding = 'floor' | 'round' | 'ceil' | undefined;
type Convolution = (x: tf.Tensor, filter: tf.Tensor) => tf.Tensor;

const size = (min: number, max: number) => fc.integer({ min, max });
/** One number for both axes, or one for each. */
const perAxis = (max: number) => fc.oneof(size(1, max), fc.tuple(size(1, max), size(1, max))) as fc.Arbitrary<number>;

/** Values of few bits, so that sums over a window lose little. */
const values = (shape: readonly number[]) => floats(shape, { min: -2, max: 2, step: 1 / 16 });

const explicit = fc.tuple(size(0, 2), size(0, 2), size(0, 2), size(0, 2)).map(([top, bottom, left, right]): Padding => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
]);

/** Padding, and how the number of windows is rounded, which only padding by numbers leaves open. */
const paddings: fc.Arbitrary<readonly [Padding, Rounding]> = fc.oneof(
  fc.constantFrom<readonly [Padding, Rounding]>(['valid', undefined], ['same', undefined]),
  fc.tuple(fc.oneof(size(0, 2), explicit), fc.constantFrom<Rounding>('floor', 'ceil', 'round')),
);

/** A filter, an image that it fits into, and how it moves: with strides or with holes, as TensorFlow.js wants it. */
const images = fc
  .record({
    batch: size(1, 3),
    window: fc.tuple(size(1, 3), size(1, 4)),
    more: fc.tuple(size(0, 5), size(0, 5)),
    channels: size(1, 4),
    outputs: size(1, 3),
    strides: perAxis(3),
    dilations: perAxis(3),
    padding: paddings,
  })
  .filter(({ window, more, strides, padding: [pad, rounding] }) => {
    const [height, width] = [window[0] + more[0], window[1] + more[1]];
    return [rounding, undefined].every((way) => {
      const shape = [1, height, width, 1] as const;
      const info = tf.backend_util.computeConv2DInfo([...shape], [...window, 1, 1], strides, 1, pad as number, way);
      const { padInfo, outHeight, outWidth, strideHeight, strideWidth } = info;
      const reach = [(outHeight - 1) * strideHeight + window[0], (outWidth - 1) * strideWidth + window[1]] as const;
      return outHeight > 0 && outWidth > 0 && reach[0] > padInfo.top && reach[1] > padInfo.left;
    });
  })
  .chain(({ batch, window, more, channels, outputs, strides, dilations, padding: [pad, rounding] }) =>
    fc.record({
      x: values([batch, window[0] + more[0], window[1] + more[1], channels]),
      filter: values([...window, channels, outputs]),
      strides: fc.constant(strides),
      dilations: fc.constant(dilations),
      pad: fc.constant(pad as number),
      rounding: fc.constant(rounding),
    }),
  );

const withHoles = images.filter(({ x, filter, dilations, pad }) => {
  const [down, right] = pairOf(dilations);
  const [, height, width] = x.shape as [number, number, number];
  const reach = [(filter.shape[0]! - 1) * down + 1, (filter.shape[1]! - 1) * right + 1];
  return typeof pad === 'string' && reach[0]! <= height && reach[1]! <= width;
});

const pairOf = (one: number | [number, number]): readonly [number, number] =>
  typeof one === 'number' ? [one, one] : one;

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
