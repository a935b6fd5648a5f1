/** The codec of models that work on pixels: bytes 0 … 255 as numbers in [-1, 1], and back with clamping. */
import type { Latent, RawImage } from '@transfuse/core/contracts';
import type { PictureCodec } from './picture-codec.ts';

/** The codec whose latent is the picture itself, `[height, width, 3]`. */
export function createPixelCodec(): PictureCodec {
  return {
    downscale: 1,
    latentShape: ({ width, height }) => [height, width, 3],
    encode: async (picture) => encodePixels(picture),
    decode: async (latent) => decodePixels(latent),
    dispose: async () => {},
  };
}

/** Bytes 0 … 255 to numbers in [-1, 1]. @returns `[H, W, 3]`, a new array */
export function encodePixels({ width, height, data }: RawImage): Latent {
  const latent = new Float32Array(data.length);
  for (let index = 0; index < data.length; index++) latent[index] = data[index]! / 127.5 - 1;
  return { shape: [height, width, 3], data: latent };
}

/** Numbers in [-1, 1] to bytes, those out of range clamped. @param latent `[H, W, 3]` */
export function decodePixels({ data, shape }: Latent): RawImage {
  const [height = 0, width = 0] = shape;
  const bytes = new Uint8ClampedArray(data.length); // rounds and clamps
  for (let index = 0; index < data.length; index++) bytes[index] = (data[index]! + 1) * 127.5;
  return { width, height, data: new Uint8Array(bytes.buffer) };
}
