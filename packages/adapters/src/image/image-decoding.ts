/*
 * From the bytes of an image file to pixels. Decoding is sharp's; this file decides what comes of it: three channels of
 * 8 bits in sRGB, upright, transparency laid over a background, animations with every frame on the whole canvas. It also
 * holds the bound on what a small file may unpack to, and turns what goes wrong into sentences about the file.
 */
import { readFile } from 'node:fs/promises';
import { type RawImage, TransfuseError } from '@transfuse/core/contracts';
import sharp, { type Sharp } from 'sharp';
import { isBrokenGif } from './gif-blocks.ts';
import { checkedColour } from './image-colour.ts';

/** How a picture is read. */
export interface ReadImageOptions {
  /** What shows through transparent pixels, as `#rrggbb`. Default `#ffffff`. */
  readonly background?: string;
  /**
   * The most pixels a file may unpack to, all frames of an animation together, so that a small file cannot fill the
   * memory. Default 268402689, a square of 16383 pixels.
   */
  readonly maximumPixels?: number;
}

/** The frames of an animation, or the one of a still picture. */
export interface DecodedFrames {
  /** Whole pictures, all of one size. */
  readonly frames: RawImage[];
  /** How long each frame shows, in milliseconds, as the file has it; 0 for a still picture. */
  readonly delays: number[];
  /** How often all of it plays, 0 for without end; 1 for a still picture. */
  readonly loop: number;
}

/** Reads the picture of a file, of an animation the first frame. Throws as `RasterImage.read` says. */
export async function decodeImage(source: string | Uint8Array, options: ReadImageOptions = {}): Promise<RawImage> {
  const { bytes, input, place, background } = await opened(source, options);
  return decoding(place, input, async () => {
    const [frame] = await rasterize(sharp(bytes, input).autoOrient().flatten({ background }));
    return frame!;
  });
}

/** Reads every frame of an animated GIF or WebP picture; of any other file its one picture. Throws as `RasterImage.read` says. */
export async function decodeFrames(
  source: string | Uint8Array,
  options: ReadImageOptions = {},
): Promise<DecodedFrames> {
  const { bytes, input, place, background } = await opened(source, options);
  return decoding(place, input, async () => {
    const { format, pages = 1, delay, loop = 1, orientation = 1 } = await sharp(bytes, input).metadata();
    if (pages === 1 || (format !== 'gif' && format !== 'webp')) {
      const frames = await rasterize(sharp(bytes, input).autoOrient().flatten({ background }));
      return { frames, delays: [0], loop: 1 };
    }
    const delays = Array.from({ length: pages }, (_, page) => delay?.[page] ?? 0);
    if (orientation === 1) {
      return {
        frames: await rasterize(sharp(bytes, { ...input, animated: true }).flatten({ background })),
        delays,
        loop,
      };
    }
    // Frames are turned one at a time: all of them together lie in one tall picture, which cannot be.
    const frames: RawImage[] = [];
    for (let page = 0; page < pages; page++) {
      frames.push(
        ...(await rasterize(
          sharp(bytes, { ...input, page })
            .autoOrient()
            .flatten({ background }),
        )),
      );
    }
    return { frames, delays, loop };
  });
}

/** Runs a pipeline to plain bytes; an alpha channel may survive `flatten`, so it is removed by name and counted after. */
export async function rasterize(pipeline: Sharp): Promise<RawImage[]> {
  const { data, info } = await pipeline
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`decoding gave ${info.channels} channels in place of 3`);
  const { width } = info;
  const height = info.pageHeight ?? info.height;
  const size = width * height * 3;
  const count = data.length / size;
  if (count === 1) return [{ width, height, data: new Uint8Array(data.buffer, data.byteOffset, size) }];
  return Array.from({ length: count }, (_, index) => ({
    width,
    height,
    data: new Uint8Array(data.subarray(index * size, (index + 1) * size)), // a copy, so that frames can be let go of singly
  }));
}

interface Input {
  readonly limitInputPixels: number;
}

async function opened(source: string | Uint8Array, options: ReadImageOptions) {
  const background = checkedColour(options.background ?? '#ffffff', 'background');
  const limitInputPixels = checkedMaximum(options.maximumPixels ?? defaultMaximumPixels);
  const place = typeof source === 'string' ? source : `image of ${source.length} bytes`;
  const bytes = typeof source === 'string' ? await readBytes(source) : source;
  if (isBrokenGif(bytes)) throw undecodable(place, new Error('a GIF that ends in the middle'));
  return { bytes, input: { limitInputPixels }, place, background };
}

const defaultMaximumPixels = 16_383 * 16_383;

async function decoding<Result>(place: string, input: Input, decode: () => Promise<Result>): Promise<Result> {
  try {
    return await decode();
  } catch (cause) {
    throw messageOf(cause).includes('exceeds pixel limit')
      ? tooLarge(place, input.limitInputPixels, cause)
      : undecodable(place, cause);
  }
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

function checkedMaximum(maximumPixels: number): number {
  if (Number.isSafeInteger(maximumPixels) && maximumPixels > 0) return maximumPixels;
  throw new TransfuseError({
    code: 'config.invalid',
    place: 'maximumPixels',
    found: String(maximumPixels),
    expected: 'a positive whole number of pixels',
    mend: `Leave it out for ${defaultMaximumPixels}.`,
  });
}

function tooLarge(place: string, maximumPixels: number, cause: unknown): TransfuseError {
  return new TransfuseError({
    code: 'image.undecodable',
    place,
    found: `more than ${maximumPixels} pixels`,
    expected: 'a picture whose width times height times frames is within `maximumPixels`',
    mend: 'Make the picture smaller; raise the bound only for files whose origin you trust.',
    cause,
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

/** What an error says, on one line. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.trim().replaceAll('\n', '; ') : String(cause);
}
