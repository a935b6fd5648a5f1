/**
 * How much of a skip connection is let through at a time. A skip goes around the transformer, and with it around every
 * caption; where the latent is mostly noise a skip carries mostly noise, and a network that is free to read it learns
 * to draw from what it can denoise by itself. So a gate begins as `(1 - t)^4` in every channel and is learned as `(1 -
 * t)^4 (1 + f(t))`: at time 1 it is shut whatever is learned, and from the middle on nearly so, so that what a picture
 * shows is asked of the transformer at most noise levels (a gate of `1 - t` is slower to learn captions,
 * docs/unet-patch.md).
 */
import { add, mul, reshape, square, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { NamedTensors, ParameterSpec } from '@transfuse/core/contracts';
import { linear, linearLayer } from './unet-layers.ts';

/** The weights of one gate, zero at first. */
export function skipGateParameters(
  name: string,
  { channels, timeWidth }: { readonly channels: number; readonly timeWidth: number },
): ParameterSpec {
  return linearLayer(name, timeWidth, channels, { start: 'zero' });
}

/** @param time `[B]` @param embedding `[B, T]`, of the same times @returns `[B, 1, 1, C]`, factors of the channels */
export function skipGate(
  params: NamedTensors,
  name: string,
  { time, embedding }: { readonly time: Tensor; readonly embedding: Tensor },
): Tensor {
  const learned = linear(params, name, embedding); // [B, C]
  const [batch, channels] = learned.shape as [number, number];
  const clean = sub(1, reshape(time, [batch, 1]));
  const gate = mul(square(square(clean)), add(1, learned));
  return reshape(gate, [batch, 1, 1, channels]);
}
