/**
 * A video in memory, without sound: pictures of one size, and how long each shows. Clips are short (seconds, hundreds of
 * frames), so that they lie in memory whole. Reading and writing animations is RasterImage's, MP4 and WebM are read
 * by packages that a project installs beside this one.
 */
import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { type RawImage, TransfuseError } from '@transfuse/core/contracts';
import type { FitOptions } from '../image/image-fit.ts';
import type { ImageSize } from '../image/image-sizes.ts';
import { RasterImage } from '../image/raster-image.ts';
import { type ClipTiming, shownFrames } from './frame-timing.ts';
import { readClip, type ReadVideoOptions } from './video-reading.ts';
import { saidBy, undecodableVideo } from './video-error.ts';

/** The frames of a clip and their delays as plain data. */
export interface RawClip {
  /** At least one, all of one size. */
  readonly frames: readonly RawImage[];
  /** How long each frame shows, in milliseconds: more than 0, but of a still picture, where it does not matter. */
  readonly delays: readonly number[];
}

/** How a clip is written. */
export interface WriteClipOptions {
  /** How often it plays, 0 (the default) for without end. */
  readonly loop?: number;
}

/**
 * Frames of one size and the milliseconds each shows.
 *
 * @example
 * ```ts
 * import { VideoClip } from '@transfuse/adapters/video';
 * const dark = { width: 4, height: 4, data: new Uint8Array(48) };
 * const light = { width: 4, height: 4, data: new Uint8Array(48).fill(255) };
 * const blinking = VideoClip.from({ frames: [dark, light], delays: [400, 100] });
 * const even = blinking.resample({ frames: 5, frameDuration: 100 });
 * console.assert(even.frames.map(({ data }) => data[0]).join() === '0,0,0,0,255');
 * const again = await VideoClip.read(await blinking.toBytes('webp'));
 * console.assert(again.duration === 500);
 * ```
 */
export class VideoClip implements RawClip {
  readonly frames: readonly RasterImage[];
  readonly delays: readonly number[];

  private constructor(frames: readonly RasterImage[], delays: readonly number[]) {
    this.frames = frames;
    this.delays = delays;
  }

  /**
   * Takes up frames that are already in memory; they are shared, not copied.
   *
   * @throws TransfuseError `video.undecodable` if there is no frame, if frames differ in size, if there is not one delay
   *   for each, or if one is not a positive number.
   */
  static from({ frames, delays }: RawClip): VideoClip {
    const place = 'VideoClip.from';
    if (!Array.isArray(frames) || !Array.isArray(delays) || frames.length === 0) {
      throw undecodableVideo(place, { found: 'no frames', expected: 'at least one frame, and a delay for each' });
    }
    if (delays.length !== frames.length) {
      throw undecodableVideo(place, {
        found: `${delays.length} delays`,
        expected: `${frames.length}, one for each frame`,
      });
    }
    const wrong = delays.find(
      (delay) => !(Number.isFinite(delay) && (delay > 0 || (delay === 0 && delays.length === 1))),
    );
    if (wrong !== undefined) {
      throw undecodableVideo(place, {
        found: `a delay of ${String(wrong)}`,
        expected: 'positive numbers of milliseconds',
      });
    }
    const pictures = frames.map(pictureOf);
    const [first] = pictures;
    const other = pictures.find(({ width, height }) => width !== first!.width || height !== first!.height);
    if (other !== undefined) {
      const found = `a frame of ${other.width} x ${other.height} pixels`;
      throw undecodableVideo(place, { found, expected: `all of ${first!.width} x ${first!.height}, as the first` });
    }
    return new VideoClip(pictures, [...delays]);
  }

  /** A picture that does not move, as a clip of one frame. Throws `image.undecodable` where it is none. */
  static still(picture: RawImage): VideoClip {
    return new VideoClip([pictureOf(picture)], [0]);
  }

  /**
   * Reads an animated WebP or GIF, an MP4, WebM, QuickTime or Matroska video, or a picture as a clip of one frame.
   * Animations in which a frame shows for 10 ms or less give it 100, as browsers do.
   *
   * @param source A file's path, or the file's bytes.
   * @throws TransfuseError `video.not-found` if there is no such file, `video.undecodable` if it is damaged or no video,
   *   `video.decoder-missing` if the packages that decode MP4 and WebM are not installed, `config.invalid` for options.
   */
  static async read(source: string | Uint8Array, options: ReadVideoOptions = {}): Promise<VideoClip> {
    return VideoClip.from(await readClip(source, options));
  }

  /** In pixels, of every frame. */
  get width(): number {
    return this.frames[0]!.width;
  }

  /** In pixels, of every frame. */
  get height(): number {
    return this.frames[0]!.height;
  }

  /** In milliseconds; 0 for a still picture that has no delay. */
  get duration(): number {
    return this.delays.reduce((total, delay) => total + delay, 0);
  }

  /** The clip at a fixed rate and length; see {@link ClipTiming}. Frames are shared. Throws `config.invalid` for the timing. */
  resample(timing: ClipTiming): VideoClip {
    const frames = shownFrames(this.delays, timing).map((index) => this.frames[index]!);
    return new VideoClip(
      frames,
      frames.map(() => timing.frameDuration),
    );
  }

  /** Every frame at another size, as `RasterImage.resize` has it. */
  async resize(size: ImageSize, options: FitOptions = {}): Promise<VideoClip> {
    const known = new Map<RasterImage, RasterImage>(); // a clip that holds or loops has a frame several times
    for (const frame of this.frames) {
      if (!known.has(frame)) known.set(frame, await frame.resize(size, options));
    }
    return new VideoClip(
      this.frames.map((frame) => known.get(frame)!),
      this.delays,
    );
  }

  /**
   * The clip as the bytes of an animation: WebP without loss, GIF in at most 256 colours per frame and tens of
   * milliseconds. Throws `video.unwritable` where the format cannot hold it.
   */
  async toBytes(format: 'webp' | 'gif', { loop = 0 }: WriteClipOptions = {}): Promise<Uint8Array> {
    let [shown, written] = [0, 0];
    // The ends are rounded and not the delays, so that a long clip keeps its duration.
    const delays = this.delays.map((delay) => {
      shown += delay;
      const whole = Math.round(shown) - written;
      written += whole;
      return whole;
    });
    try {
      return await RasterImage.animate(this.frames, { delays, loop, format });
    } catch (cause) {
      throw unwritable(`a clip as ${format}`, {
        found: saidBy(cause),
        expected: 'a clip that fits the format',
        mend: 'Make the clip smaller or shorter.',
        cause,
      });
    }
  }

  /**
   * Writes the clip to a file that ends in `.webp` or `.gif`; an existing one is replaced.
   *
   * @throws TransfuseError `video.unwritable` if the extension is another, or the file cannot be written.
   */
  async save(path: string, options: WriteClipOptions = {}): Promise<void> {
    const extension = extname(path).toLowerCase();
    if (extension !== '.webp' && extension !== '.gif') {
      throw unwritable(path, {
        found: extension === '' ? 'no extension' : `the extension ${extension}`,
        expected: '.webp or .gif',
        mend: 'Choose the format with the extension of the file name, for example clip.webp.',
      });
    }
    const bytes = await this.toBytes(extension === '.gif' ? 'gif' : 'webp', options);
    try {
      await writeFile(path, bytes);
    } catch (cause) {
      throw unwritable(path, {
        found: saidBy(cause),
        expected: 'a folder that exists and can be written to',
        mend: 'Create the folder, or choose another path.',
        cause,
      });
    }
  }
}

function pictureOf(picture: RawImage): RasterImage {
  return picture instanceof RasterImage ? picture : RasterImage.from(picture);
}

function unwritable(
  place: string,
  details: { readonly found: string; readonly expected: string; readonly mend: string; readonly cause?: unknown },
): TransfuseError {
  return new TransfuseError({ code: 'video.unwritable', place, ...details });
}
