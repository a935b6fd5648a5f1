/**
 * Convolutions over images, as autoencoders use them: square windows, parameters `<name>.weight` and optionally
 * `<name>.bias`. Everything that standard padding cannot say is padded with zeros beforehand, because not every
 * TensorFlow.js backend knows explicit padding.
 */
import { fused, pad, type Tensor, type Tensor1D, type Tensor4D } from '@tensorflow/tfjs-core';
import type { NamedTensors } from '@transfuse/core/contracts';

/** How windows are placed. */
export interface ConvolutionOptions {
  /** Default 1. */
  readonly stride?: number;
  /** Zeros before the first and after the last row and column; default as many as keep the size at a stride of 1. */
  readonly padding?: readonly [before: number, after: number];
}

/** @param x `[B, H, W, I]` @param params `<name>.weight` `[K, K, I, O]`, `<name>.bias` `[O]` @returns `[B, H', W', O]` */
export function convolution(
  params: NamedTensors,
  name: string,
  x: Tensor,
  { stride = 1, padding }: ConvolutionOptions = {},
): Tensor {
  const filter = params[`${name}.weight`] as Tensor4D;
  const bias = params[`${name}.bias`] as Tensor1D | undefined;
  const sides = padding && [...padding];
  const padded = sides === undefined ? x : pad(x, [[0, 0], sides, sides, [0, 0]] as [number, number][]);
  return fused.conv2d({
    x: padded as Tensor4D,
    filter,
    strides: stride,
    pad: padding === undefined ? 'same' : 'valid',
    ...(bias !== undefined && { bias }),
  });
}
