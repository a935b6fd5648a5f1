// A picture inside the page: PNG in a data URI, so that the report is one file. Small pictures are shown enlarged by a
// whole factor with hard pixel edges; pictures from 128 pixels on are shown as they are, at most 256 pixels wide.

import { type RawImage, TransfuseError } from '@transfuse/core/contracts';
import sharp from 'sharp';
import { markup, type Markup } from './markup.ts';

/** How {@link picture} describes and names what it shows. */
export interface PictureOptions {
  /** Text in place of the picture, for readers who do not see it. */
  readonly alt: string;
  /** Which picture of the report this is, for error messages, for example `trained[2].generated[0]`. */
  readonly place: string;
}

/**
 * An `<img>` element with the picture in it.
 *
 * @throws TransfuseError `image.undecodable` if the picture's size and data do not agree.
 */
export async function picture(image: RawImage, options: PictureOptions): Promise<Markup> {
  const { width, height } = checked(image, options.place);
  const png = await sharp(image.data, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 9 })
    .toBuffer();
  const shown = shownWidth(width);
  return markup`<img class="${width < 128 ? 'pixels' : 'photo'}" src="data:image/png;base64,${png.toString('base64')}" width="${shown}" height="${Math.max(1, Math.round((height * shown) / width))}" alt="${options.alt}">`;
}

/** How wide a picture of so many pixels is on the page. */
export function shownWidth(width: number): number {
  return width < 128 ? width * Math.max(1, Math.floor(96 / width)) : Math.min(width, 256);
}

function checked(image: RawImage, place: string): RawImage {
  const { width, height, data } = image;
  const whole = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (whole && data.length === width * height * 3) return image;
  throw new TransfuseError({
    code: 'image.undecodable',
    place: `report.${place}`,
    found: `${width} by ${height} pixels with ${data.length} bytes`,
    expected: 'a positive width and height and width × height × 3 bytes',
    mend: 'Pass the picture as 8-bit red, green, blue, without an alpha channel.',
  });
}
