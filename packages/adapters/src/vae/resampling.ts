/**
 * Halving and doubling of images between the resolutions of an autoencoder. Doubling repeats every pixel; it is written
 * with concatenations alone, whose gradients every backend gets right.
 */
import { concat, reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { NamedTensors } from '@transfuse/core/contracts';
import { convolution } from './convolution.ts';

/** A 3x3 convolution at every second pixel, with zeros below and to the right only. @param x `[B, 2 H, 2 W, C]` @returns `[B, H, W, C]` */
export function halve(params: NamedTensors, name: string, x: Tensor): Tensor {
  return convolution(params, name, x, { stride: 2, padding: [0, 1] });
}

/** Every pixel as a square of four. @param x `[B, H, W, C]` @returns `[B, 2 H, 2 W, C]` */
export function double(x: Tensor): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const wide = reshape(concat([x, x], 3), [batch, height, 2 * width * channels]); // every pixel twice in its row
  return reshape(concat([wide, wide], 2), [batch, 2 * height, 2 * width, channels]);
}
