/*
 * A picture in memory that can be read from and written to files: the `RawImage` that people handle, in prompts and in
 * what a model generates. Decoding, encoding and resampling are sharp's; this file decides what a picture means here:
 * always three channels of 8 bits in sRGB, upright, with transparency laid over a background.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { type RawImage, TransfuseError } from '@transfuse/core/contracts';
import sharp, { type Sharp } from 'sharp';

/** How {@link RasterImage.read} treats what it reads. */
export interface ReadImageOptions {
  /** What shows through transparent pixels, as `#rrggbb`. Default `#ffffff`. */
  readonly background?: string;
}

/** A width and a height in pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/**
 * A picture of `width` x `height` pixels: red, green and blue bytes, interleaved, rows top to bottom.
 *
 * @example
 * ```ts
 * import { RasterImage } from '@transfuse/adapters/image';
 * const grey = RasterImage.from({ width: 2, height: 1, data: new Uint8Array(6).fill(128) });
 * const png = await grey.toPng();
 * const again = await RasterImage.read(png);
 * console.assert(again.width === 2 && again.data.every((byte) => byte === 128));
 * ```
 */
export class RasterImage implements RawImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;

  private constructor(raw: RawImage) {
    this.width = raw.width;
    this.height = raw.height;
    this.data = raw.data;
  }

  /**
   * Takes up pixels that are already in memory; they are shared, not copied.
   *
   * @throws TransfuseError `image.undecodable` if the sizes are not positive integers or do not fit the number of bytes.
   */
  static from(raw: RawImage): RasterImage {
    const bytes = raw.width * raw.height * 3;
    if (!isSize(raw) || raw.data.length !== bytes) {
      throw new TransfuseError({
        code: 'image.undecodable',
        place: 'RasterImage.from',
        found: `${raw.data.length} bytes for ${raw.width} x ${raw.height} pixels`,
        expected: 'a positive width and height, and width * height * 3 bytes',
        mend: 'Pass red, green and blue bytes only, without an alpha channel or padding.',
      });
    }
    return new RasterImage(raw);
  }

  /**
   * Reads a PNG, JPEG, WebP, AVIF, GIF (its first frame), TIFF or SVG picture. The camera's orientation is applied,
   * colour profiles are converted to sRGB, and transparent pixels are laid over the background.
   *
   * @param source A file's path, or the file's bytes.
   * @throws TransfuseError `image.not-found` if there is no such file, `image.undecodable` if it is not a picture (or a
   * damaged one), `config.invalid` if the background is not of the form `#rrggbb`.
   */
  static async read(source: string | Uint8Array, options: ReadImageOptions = {}): Promise<RasterImage> {
    const background = checkedBackground(options.background ?? '#ffffff');
    const place = typeof source === 'string' ? source : `image of ${source.length} bytes`;
    const bytes = typeof source === 'string' ? await readBytes(source) : source;
    let decoded: RawImage;
    try {
      decoded = await rasterize(sharp(bytes).autoOrient().flatten({ background }));
    } catch (cause) {
      throw undecodable(place, cause);
    }
    return RasterImage.from(decoded);
  }

  /**
   * The picture at another size: scaled (Lanczos) until it covers the new frame, then cut to it around the centre.
   *
   * @throws TransfuseError `image.unsupported-size` if a side is not a positive integer.
   */
  async resize(size: ImageSize): Promise<RasterImage> {
    if (!isSize(size)) {
      throw new TransfuseError({
        code: 'image.unsupported-size',
        place: 'RasterImage.resize',
        found: `${size.width} x ${size.height}`,
        expected: 'a width and a height that are positive integers',
        mend: 'Pass whole numbers of pixels, for example { width: 32, height: 32 }.',
      });
    }
    if (size.width === this.width && size.height === this.height) return this;
    const resized = this.#sharp().resize({ ...size, fit: 'cover', position: 'centre', kernel: 'lanczos3' });
    return RasterImage.from(await rasterize(resized));
  }

  /** The picture as the bytes of a PNG file, without loss. */
  async toPng(): Promise<Uint8Array> {
    return new Uint8Array(await this.#sharp().png().toBuffer());
  }

  /**
   * Writes the picture to a file in the format of its extension: `.png`, `.webp` and `.tiff` without loss, `.jpg`,
   * `.jpeg` and `.avif` with little, `.gif` in 256 colours. An existing file is replaced.
   *
   * @throws TransfuseError `image.unwritable` if the extension is unknown or the file cannot be written.
   */
  async save(path: string): Promise<void> {
    const encode = encoders[extname(path).toLowerCase()];
    if (encode === undefined) {
      throw new TransfuseError({
        code: 'image.unwritable',
        place: path,
        found: extname(path) === '' ? 'no extension' : `the extension ${extname(path)}`,
        expected: `one of ${Object.keys(encoders).join(', ')}`,
        mend: 'Choose the format with the extension of the file name, for example picture.png.',
      });
    }
    const bytes = await encode(this.#sharp()).toBuffer();
    try {
      await writeFile(path, bytes);
    } catch (cause) {
      throw new TransfuseError({
        code: 'image.unwritable',
        place: path,
        found: messageOf(cause),
        expected: 'a folder that exists and can be written to',
        mend: 'Create the folder, or choose another path.',
        cause,
      });
    }
  }

  #sharp(): Sharp {
    return sharp(this.data, { raw: { width: this.width, height: this.height, channels: 3 } });
  }
}

const encoders: Readonly<Record<string, (image: Sharp) => Sharp>> = {
  '.png': (image) => image.png(),
  '.jpg': (image) => image.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }),
  '.jpeg': (image) => image.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }),
  '.webp': (image) => image.webp({ lossless: true }),
  '.avif': (image) => image.avif({ quality: 80, chromaSubsampling: '4:4:4' }),
  '.gif': (image) => image.gif(),
  '.tif': (image) => image.tiff({ compression: 'deflate' }),
  '.tiff': (image) => image.tiff({ compression: 'deflate' }),
};

/** Runs a pipeline to plain bytes; an alpha channel may survive `flatten`, so it is removed by name and counted after. */
async function rasterize(pipeline: Sharp): Promise<RawImage> {
  const { data, info } = await pipeline
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`decoding gave ${info.channels} channels in place of 3`);
  return { width: info.width, height: info.height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw undecodable(path, cause);
    throw new TransfuseError({
      code: 'image.not-found',
      place: path,
      found: 'no such file',
      expected: 'an image file',
      mend: 'Check the path; it is taken relative to the folder the program was started in.',
      cause,
    });
  }
}

function checkedBackground(background: string): string {
  if (/^#[0-9a-f]{6}$/i.test(background)) return background;
  throw new TransfuseError({
    code: 'config.invalid',
    place: 'background',
    found: JSON.stringify(background),
    expected: 'a colour of the form #rrggbb',
    mend: 'Write, for example, #ffffff for white.',
  });
}

function undecodable(place: string, cause: unknown): TransfuseError {
  return new TransfuseError({
    code: 'image.undecodable',
    place,
    found: messageOf(cause),
    expected: 'a whole PNG, JPEG, WebP, AVIF, GIF, TIFF or SVG picture',
    mend: 'Open the file in an image viewer to see whether it is damaged, and save it again as PNG.',
    cause,
  });
}

function isSize(size: ImageSize): boolean {
  return Number.isInteger(size.width) && Number.isInteger(size.height) && size.width > 0 && size.height > 0;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.trim().replaceAll('\n', '; ') : String(cause);
}
