// Pictures on their way in and out: a file of the prompt becomes an image segment, an image segment becomes a file.
import { RasterImage } from '@transfuse/adapters/image';
import type { RawImage } from '@transfuse/core';

/** Whether a value that a model made is a picture. */
export function isPicture(value: unknown): value is RawImage {
  if (typeof value !== 'object' || value === null) return false;
  const { width, height, data } = value as Partial<RawImage>;
  return typeof width === 'number' && typeof height === 'number' && data instanceof Uint8Array;
}

/** Writes a picture in the format of the file's extension. Throws `image.unwritable`; `image.undecodable` if it is none. */
export async function savePicture(value: unknown, file: string): Promise<void> {
  await RasterImage.from(value as RawImage).save(file);
}

/** Reads a picture. Throws `image.not-found`, `image.undecodable`. */
export async function readPicture(file: string): Promise<RawImage> {
  return RasterImage.read(file);
}
