/*
 * From pixels to the bytes of an image file: single pictures in the format of a file name's extension, and animations
 * as GIF or WebP. Encoding is sharp's; this file decides how much may be lost.
 */
import { type RawImage, TransfuseError } from '@transfuse/core/contracts';
import sharp, { type Sharp } from 'sharp';
import { messageOf } from './image-decoding.ts';

/** What an animation is written with. */
export interface AnimateOptions {
  /** How long each frame shows, whole milliseconds from 0 to 65535, one for each frame. GIF rounds them to tens. */
  readonly delays: readonly number[];
  /** How often all of it plays, 0 (the default) for without end. */
  readonly loop?: number;
  /** `webp` (the default) without loss; `gif` in at most 256 colours per frame. */
  readonly format?: 'webp' | 'gif';
}

/** The formats of single pictures by extension. */
export const encoders: Readonly<Record<string, (image: Sharp) => Sharp>> = {
  '.png': (image) => image.png(),
  '.jpg': (image) => image.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }),
  '.jpeg': (image) => image.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }),
  '.webp': (image) => image.webp({ lossless: true }),
  '.avif': (image) => image.avif({ quality: 80, chromaSubsampling: '4:4:4' }),
  '.gif': (image) => image.gif(),
  '.tif': (image) => image.tiff({ compression: 'deflate' }),
  '.tiff': (image) => image.tiff({ compression: 'deflate' }),
};

/** The frames as an animation. Throws `image.unwritable` as `RasterImage.animate` says. */
export async function encodeAnimation(frames: readonly RawImage[], options: AnimateOptions): Promise<Uint8Array> {
  const { delays, loop = 0, format = 'webp' } = options;
  const { width, height } = checkedFrames(frames);
  checkedTiming(frames.length, delays, loop);
  if (format !== 'webp' && format !== 'gif') throw unwritable(`the format ${String(format)}`, 'webp or gif');
  const tall = new Uint8Array(frames.length * width * height * 3); // one below the other
  for (const [index, { data }] of frames.entries()) tall.set(data, index * width * height * 3);
  const roll = sharp(tall, { raw: { width, height: frames.length * height, channels: 3, pageHeight: height } });
  const delay = [...delays];
  const encoded =
    format === 'webp'
      ? roll.webp({ lossless: true, loop, delay })
      : roll.gif({ loop, delay, keepDuplicateFrames: true, interPaletteMaxError: 0 });
  try {
    return new Uint8Array(await encoded.toBuffer());
  } catch (cause) {
    throw unwritable(messageOf(cause), `frames that ${format} can hold`, cause);
  }
}

function checkedFrames(frames: readonly RawImage[]): RawImage {
  const [first] = frames;
  if (first === undefined) throw unwritable('no frames', 'at least one');
  const other = frames.findIndex(({ width, height }) => width !== first.width || height !== first.height);
  if (other === -1) return first;
  const found = `frame ${other} of ${frames[other]!.width} x ${frames[other]!.height} pixels`;
  throw unwritable(found, `all of ${first.width} x ${first.height}, as the first`);
}

function checkedTiming(count: number, delays: readonly number[], loop: number): void {
  const whole = (value: number) => Number.isInteger(value) && value >= 0 && value <= 65_535;
  if (delays.length !== count) throw unwritable(`${delays.length} delays`, `${count}, one for each frame`);
  const wrong = delays.find((delay) => !whole(delay));
  if (wrong !== undefined) throw unwritable(`a delay of ${wrong}`, 'whole milliseconds from 0 to 65535');
  if (!whole(loop)) throw unwritable(`loop ${loop}`, 'a whole number from 0 (without end) to 65535');
}

function unwritable(found: string, expected: string, cause?: unknown): TransfuseError {
  return new TransfuseError({
    code: 'image.unwritable',
    place: 'RasterImage.animate',
    found,
    expected,
    mend: 'Pass frames of one size, with a delay for each.',
    cause,
  });
}
