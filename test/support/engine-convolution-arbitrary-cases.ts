/** Random convolutions: a filter, an image that it fits into, and how it moves over the image. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { floats } from './engine-arbitraries.ts';

type Padding = 'valid' | 'same' | number | [[number, number], [number, number], [number, number], [number, number]];
type Rounding = 'floor' | 'round' | 'ceil' | undefined;
/** A convolution as a function of image and filter. */
export type Convolution = (x: tf.Tensor, filter: tf.Tensor) => tf.Tensor;

/** Whole numbers. */
export const size = (min: number, max: number) => fc.integer({ min, max });
/** One number for both axes, or one for each. */
const perAxis = (max: number) => fc.oneof(size(1, max), fc.tuple(size(1, max), size(1, max))) as fc.Arbitrary<number>;

/** Values of few bits, so that sums over a window lose little. */
export const values = (shape: readonly number[]) => floats(shape, { min: -2, max: 2, step: 1 / 16 });

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
export const images = fc
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

/** Those of whole padding in which the filter fits with its holes. */
export const withHoles = images.filter(({ x, filter, dilations, pad }) => {
  const [down, right] = pairOf(dilations);
  const [, height, width] = x.shape as [number, number, number];
  const reach = [(filter.shape[0]! - 1) * down + 1, (filter.shape[1]! - 1) * right + 1];
  return typeof pad === 'string' && reach[0]! <= height && reach[1]! <= width;
});

/** One number for both axes, or one for each, as one for each. */
export const pairOf = (one: number | [number, number]): readonly [number, number] =>
  typeof one === 'number' ? [one, one] : one;
