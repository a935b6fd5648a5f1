/** Samples for normalizations: kernels of their own, and layer and group normalization written in plain operations. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { floats } from './engine-arbitraries.ts';
import { allWithGradients, type KernelCase, withGradients } from './engine-kernel-case.ts';

const size = (min: number, max: number) => fc.integer({ min, max });
const images = fc.tuple(size(1, 2), size(1, 3), size(1, 3), size(1, 6));

/** Normalizes over the last axis. */
function layerNormalized(x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, -1, true);
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-3))), gain), bias);
}

/** Normalizes over the pixels and channels of each of two groups of channels. */
function groupNormalized(x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const grouped = tf.reshape(x, [batch, height * width, 2, channels / 2]);
  const { mean, variance } = tf.moments(grouped, [1, 3], true);
  const normal = tf.mul(tf.sub(grouped, mean), tf.rsqrt(tf.add(variance, 1e-3)));
  return tf.add(tf.mul(tf.reshape(normal, x.shape), gain), bias);
}

export const normalizationCases: readonly KernelCase[] = [
  {
    title: 'normalization with the moments of a batch, with and without scale and offset, and its gradients',
    kernels: ['FusedBatchNorm'],
    samples: images
      .chain((shape) => {
        const perChannel = (min: number) => floats([shape[3]], { min, max: 3 });
        return fc.record({
          x: floats(shape),
          mean: perChannel(-2),
          variance: perChannel(0.25),
          offset: perChannel(-2),
          scale: perChannel(0.25),
        });
      })
      .map((inputs) => ({
        inputs,
        run: (given) => {
          const normalized = (
            x: tf.Tensor,
            mean: tf.Tensor,
            variance: tf.Tensor,
            offset: tf.Tensor,
            scale: tf.Tensor,
          ) =>
            tf.batchNorm(
              x as tf.Tensor4D,
              mean as tf.Tensor1D,
              variance as tf.Tensor1D,
              offset as tf.Tensor1D,
              scale as tf.Tensor1D,
            );
          const { x, mean, variance, offset, scale } = given as Record<string, tf.Tensor1D>;
          return {
            ...withGradients('normalized', normalized as never, [x!, mean!, variance!, offset!, scale!]),
            plain: tf.batchNorm(x! as unknown as tf.Tensor4D, mean!, variance!),
            full: tf.batchNorm(
              x! as unknown as tf.Tensor4D,
              x! as never,
              tf.square(x!) as never,
              x! as never,
              undefined,
              0.1,
            ),
          };
        },
      })),
  },
  {
    title: 'normalization by neighbouring channels, and its gradient',
    kernels: ['LRN', 'LRNGrad'],
    samples: images
      .chain((shape) =>
        fc.record({
          x: floats(shape, { min: -2, max: 2 }),
          radius: size(0, 4),
          bias: fc.constantFrom(0.5, 1, 2),
          alpha: fc.constantFrom(0.25, 1),
          beta: fc.constantFrom(0.5, 0.75, 1),
        }),
      )
      .map(({ x, radius, bias, alpha, beta }) => ({
        inputs: { x },
        run: (given) =>
          withGradients(
            'normalized',
            (t) => tf.localResponseNormalization(t as tf.Tensor4D, radius, bias, alpha, beta),
            [given['x']!],
          ),
      })),
  },
  {
    title: 'layer and group normalization in plain operations, and their gradients',
    kernels: ['Mean', 'Sub', 'Square', 'Rsqrt', 'Multiply', 'Add'],
    tolerance: { absolute: 5e-6 },
    samples: fc
      .tuple(size(1, 2), size(2, 3), size(1, 3), fc.constantFrom(4, 6))
      .chain((shape) =>
        fc.record({ x: floats(shape), gain: floats([shape[3]]), bias: floats([shape[3]], { min: -1, max: 1 }) }),
      )
      .map((inputs) => ({
        inputs,
        run: (given) =>
          allWithGradients({ layer: layerNormalized as never, group: groupNormalized as never }, [
            given['x']!,
            given['gain']!,
            given['bias']!,
          ]),
      })),
  },
];
