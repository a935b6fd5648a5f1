/**
 * Halving and doubling of feature maps by matrix products: squares of 2 x 2 positions become one vector that a linear
 * layer maps on, and back. These are the convolution with windows of 2 x 2 at a stride of 2 and its transpose, written so
 * that they need no convolution kernel.
 */
import { reshape, type Tensor, transpose } from '@tensorflow/tfjs-core';
import type { NamedTensors } from '@transfuse/core/contracts';
import { linear } from './unet-layers.ts';

/** @param params `<name>.weight` `[4 I, O]` @param x `[B, 2 H, 2 W, I]` @returns `[B, H, W, O]` */
export function halve(params: NamedTensors, name: string, x: Tensor): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const [rows, columns] = [height / 2, width / 2];
  const split = reshape(x, [batch * rows, 2, columns, 2 * channels]);
  const squares = reshape(transpose(split, [0, 2, 1, 3]), [batch * rows * columns, 4 * channels]);
  return reshape(linear(params, name, squares), [batch, rows, columns, -1]);
}

/** @param params `<name>.weight` `[I, 4 O]` @param x `[B, H, W, I]` @returns `[B, 2 H, 2 W, O]` */
export function double(params: NamedTensors, name: string, x: Tensor): Tensor {
  const [batch, rows, columns, channels] = x.shape as [number, number, number, number];
  const squares = linear(params, name, reshape(x, [batch * rows * columns, channels]));
  const outputs = squares.shape[1]! / 4;
  const split = transpose(reshape(squares, [batch * rows, columns, 2, 2 * outputs]), [0, 2, 1, 3]);
  return reshape(split, [batch, 2 * rows, 2 * columns, outputs]);
}
