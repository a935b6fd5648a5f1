/*
 * A picture in memory that can be read from and written to files: the `RawImage` that people handle, in prompts and in
 * what a model generates. Decoding, encoding and resampling are sharp's; this file decides what a picture means here:
 * always three channels of 8 bits in sRGB, upright, with transparency laid over a background.
 */
import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { type RawImage, TransfuseError } from '@transfuse/core/contracts';
import sharp, { type Sharp } from 'sharp';
import { decodeFrames, decodeImage, messageOf, type ReadImageOptions } from './image-decoding.ts';
import { type AnimateOptions, encodeAnimation, encoders } from './image-encoding.ts';
import { checkedFit, type FitOptions, fitted } from './image-fit.ts';
import { type ImageSize, isImageSize, writtenSize } from './image-sizes.ts';

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
    if (!isImageSize(raw) || raw.data.length !== bytes) {
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
   * Reads a PNG, JPEG, WebP, AVIF, GIF, TIFF or SVG picture, of several frames or pages the first. The camera's
   * orientation is applied, colour profiles are converted to sRGB, and transparent pixels are laid over the background.
   *
   * @param source A file's path, or the file's bytes.
   * @throws TransfuseError `image.not-found` if there is no such file, `image.undecodable` if it is not a picture, a
   * damaged one or one of more than `maximumPixels`, `config.invalid` for an option.
   */
  static async read(source: string | Uint8Array, options: ReadImageOptions = {}): Promise<RasterImage> {
    return RasterImage.from(await decodeImage(source, options));
  }

  /**
   * Reads every frame of an animated GIF or WebP picture, each composed to the whole canvas; of any other file its one
   * picture. `delays` says how many milliseconds each frame shows, as the file has it (0 for a still picture; browsers
   * show frames of 10 ms and less for 100), `loop` how often all of it plays, 0 for without end (1 for a still picture).
   *
   * @throws TransfuseError as {@link RasterImage.read}.
   */
  static async readFrames(
    source: string | Uint8Array,
    options: ReadImageOptions = {},
  ): Promise<{ frames: RasterImage[]; delays: number[]; loop: number }> {
    const { frames, delays, loop } = await decodeFrames(source, options);
    return { frames: frames.map((frame) => RasterImage.from(frame)), delays, loop };
  }

  /**
   * The frames as the bytes of an animation, for {@link RasterImage.readFrames} to read again. WebP is without loss, but
   * joins equal frames that follow each other into one that shows as long as both, and makes one frame a still picture;
   * GIF keeps every frame, in at most 256 colours each, and rounds delays to 10 ms.
   *
   * @throws TransfuseError `image.unwritable` if there are no frames, if they differ in size, if there is not one delay
   * for each, or if a number is out of range.
   *
   * @example
   * ```ts
   * import { RasterImage } from '@transfuse/adapters/image';
   * const dark = RasterImage.from({ width: 4, height: 4, data: new Uint8Array(48) });
   * const light = RasterImage.from({ width: 4, height: 4, data: new Uint8Array(48).fill(255) });
   * const blinking = await RasterImage.animate([dark, light], { delays: [400, 100] });
   * const { frames, delays, loop } = await RasterImage.readFrames(blinking);
   * console.assert(frames.length === 2 && delays.join() === '400,100' && loop === 0);
   * ```
   */
  static animate(frames: readonly RawImage[], options: AnimateOptions): Promise<Uint8Array> {
    return encodeAnimation(frames, options);
  }

  /**
   * The picture at another size; the same picture where it has that size already. Without options it is scaled until it
   * covers the new frame, and cut to it around the centre. Where it shrinks the kernel is Lanczos with three lobes, where
   * it grows the cubic one; there is no choice of kernels.
   *
   * @throws TransfuseError `image.unsupported-size` if a side is not a positive integer, `config.invalid` for an option.
   */
  async resize(size: ImageSize, options: FitOptions = {}): Promise<RasterImage> {
    if (!isImageSize(size)) {
      throw new TransfuseError({
        code: 'image.unsupported-size',
        place: 'RasterImage.resize',
        found: writtenSize(size),
        expected: 'a width and a height that are positive integers',
        mend: 'Pass whole numbers of pixels, for example { width: 32, height: 32 }.',
      });
    }
    const fit = checkedFit(options);
    if (size.width === this.width && size.height === this.height) return this;
    return RasterImage.from(await fitted(this, size, fit));
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
