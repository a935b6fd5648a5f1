// Pictures on their way in and out of the command line: the modality `image`.
import { RasterImage } from '@transfuse/adapters/image';
import type { RawImage } from '@transfuse/core';
import { fieldsOf, type Medium } from './medium.ts';

/** The extensions of picture files. */
export const pictureExtensions = ['.png', '.jpg', '.jpeg', '.webp', '.avif', '.gif', '.tif', '.tiff', '.svg'] as const;

/** Pictures, saved as PNG. */
export const picture: Medium<RawImage> = {
  modality: 'image',
  noun: { one: 'picture', many: 'pictures' },
  extensions: pictureExtensions,
  extension: '.png',
  isValue(value): value is RawImage {
    const { width, height, data } = fieldsOf(value);
    return typeof width === 'number' && typeof height === 'number' && data instanceof Uint8Array;
  },
  read: (source) => RasterImage.read(source),
  save: (value, file) => RasterImage.from(value).save(file),
};
