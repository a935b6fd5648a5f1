/** The codec of models that work on pixels: bytes 0 … 255 as numbers in [-1, 1], and back with clamping. */
import type { Latent, RawImage } from '@transfuse/core/contracts';

/** @returns a latent `[H, W, 3]` */
export function encodePixels({ width, height, data }: RawImage): Latent {
  return { shape: [height, width, 3], data: Float32Array.from(data, (value) => value / 127.5 - 1) };
}

/** @param latent `[H, W, 3]` */
export function decodePixels({ data, shape }: Latent): RawImage {
  const [height = 0, width = 0] = shape;
  return { width, height, data: new Uint8Array(Uint8ClampedArray.from(data, (value) => (value + 1) * 127.5).buffer) };
}
