/**
 * Frames of MP4, QuickTime, WebM and Matroska files. No package of JavaScript or WebAssembly alone decodes their codecs
 * under a permissive licence, so two packages that a project may install beside this one are asked: mediabunny takes the
 * file apart, WebCodecs (the platform's, or @napi-rs/webcodecs') decodes. What they are asked for is written down here
 * as types, so that this package builds and runs without them.
 */
import { type RawImage, TransfuseError } from '@transfuse/core/contracts';
import sharp from 'sharp';
import { rasterize } from '../image/image-decoding.ts';
import { isCutOff } from './container-end.ts';
import type { RawClip } from './video-clip.ts';
import { saidBy, undecodableVideo } from './video-error.ts';

/** Which frames of a long video are kept. */
export interface VideoSampling {
  /** Milliseconds from one kept frame to the next: the one that shows in the middle of each such stretch. */
  readonly frameDuration: number;
  /** The most that are kept, from the beginning. */
  readonly maximumFrames: number;
}

/** How a container is read. */
export interface ReadContainerOptions {
  /** For messages. */
  readonly place: string;
  readonly sampling?: VideoSampling;
  /** As for pictures, all frames together. */
  readonly maximumPixels?: number;
  /** Loads mediabunny, WebCodecs beside it. Default: the installed packages. */
  readonly load?: () => Promise<Mediabunny>;
}

/** The part of mediabunny that is used. */
export interface Mediabunny {
  readonly ALL_FORMATS: unknown;
  readonly BufferSource: new (bytes: Uint8Array) => unknown;
  readonly Input: new (options: { readonly formats: unknown; readonly source: unknown }) => {
    getPrimaryVideoTrack(): Promise<MediabunnyTrack | null>;
  };
  readonly VideoSampleSink: new (track: MediabunnyTrack) => {
    samples(): AsyncIterable<MediabunnySample>;
    samplesAtTimestamps(seconds: readonly number[]): AsyncIterable<MediabunnySample | null>;
  };
}

/** A video track. */
interface MediabunnyTrack {
  readonly codec: string | null;
  canDecode(): Promise<boolean>;
  /** In seconds. */
  getFirstTimestamp(): Promise<number>;
  /** In seconds, from time 0. */
  computeDuration(): Promise<number>;
}

/** A decoded frame; times in seconds, the display size after the rotation (clockwise). */
export interface MediabunnySample {
  readonly timestamp: number;
  readonly duration: number;
  readonly rotation: number;
  readonly visibleRect: { readonly width: number; readonly height: number };
  readonly displayWidth: number;
  readonly displayHeight: number;
  copyTo(into: Uint8Array, options: { readonly format: 'RGBA' }): Promise<unknown>;
  close(): void;
}

/** Reads the first video track. Throws `video.decoder-missing`, `video.undecodable`. */
export async function readContainer(bytes: Uint8Array, options: ReadContainerOptions): Promise<RawClip> {
  const { place, load = loadInstalled } = options;
  const media = await load();
  if (isCutOff(bytes)) throw undecodableVideo(place, { found: 'a file that is cut off' });
  try {
    return await decode(media, bytes, options);
  } catch (cause) {
    if (cause instanceof TransfuseError) throw cause;
    throw undecodableVideo(place, { found: saidBy(cause), cause });
  }
}

async function decode(
  media: Mediabunny,
  bytes: Uint8Array,
  { place, sampling, maximumPixels = 16_383 * 16_383 }: ReadContainerOptions,
): Promise<RawClip> {
  const input = new media.Input({ formats: media.ALL_FORMATS, source: new media.BufferSource(bytes) });
  const track = await input.getPrimaryVideoTrack();
  if (track === null) throw undecodableVideo(place, { found: 'no video track', expected: 'a video with pictures' });
  if (!(await track.canDecode())) {
    throw undecodableVideo(place, {
      found: `the codec ${String(track.codec)}`,
      expected: 'a codec that WebCodecs decodes',
    });
  }
  const sink = new media.VideoSampleSink(track);
  const samples = sampling === undefined ? sink.samples() : sink.samplesAtTimestamps(await kept(track, sampling));
  const frames: RawImage[] = [];
  const [starts, ends]: [number[], number[]] = [[], []]; // in seconds
  let pixels = 0;
  for await (const sample of samples) {
    if (sample === null) continue;
    try {
      pixels += sample.displayWidth * sample.displayHeight;
      if (pixels > maximumPixels) throw tooLarge(place, maximumPixels);
      frames.push(await picture(sample));
      starts.push(sample.timestamp);
      ends.push(sample.timestamp + sample.duration);
    } finally {
      sample.close();
    }
  }
  if (frames.length === 0) throw undecodableVideo(place, { found: 'no frames', expected: 'at least one' });
  const shown = starts.map((start, index) => 1000 * ((starts[index + 1] ?? ends[index]!) - start));
  return { frames, delays: sampling === undefined ? shown : frames.map(() => sampling.frameDuration) };
}

/** The middles of the stretches of which a frame is kept, in seconds. */
async function kept(track: MediabunnyTrack, { frameDuration, maximumFrames }: VideoSampling): Promise<number[]> {
  const [start, end] = [await track.getFirstTimestamp(), await track.computeDuration()];
  const there = Math.max(1, Math.round((1000 * (end - start)) / frameDuration));
  const last = end - 1e-6;
  return Array.from({ length: Math.min(there, maximumFrames) }, (_, index) =>
    Math.min(last, start + ((index + 0.5) * frameDuration) / 1000),
  );
}

/** A sample as it is to be seen: turned, and with square pixels. */
async function picture(sample: MediabunnySample): Promise<RawImage> {
  const { width, height } = sample.visibleRect;
  const rgba = new Uint8Array(width * height * 4);
  await sample.copyTo(rgba, { format: 'RGBA' });
  const turned = sharp(rgba, { raw: { width, height, channels: 4 } }).rotate(sample.rotation);
  const { displayWidth, displayHeight } = sample;
  const onItsSide = sample.rotation % 180 !== 0;
  const square = onItsSide
    ? displayWidth === height && displayHeight === width
    : displayWidth === width && displayHeight === height;
  const [frame] = await rasterize(
    square ? turned : turned.resize({ width: displayWidth, height: displayHeight, fit: 'fill' }),
  );
  return frame!;
}

async function loadInstalled(): Promise<Mediabunny> {
  const media = (await importOptional('mediabunny')) as Mediabunny;
  if (!('VideoDecoder' in globalThis)) await importOptional('@napi-rs/webcodecs/polyfill');
  return media;
}

async function importOptional(name: string): Promise<unknown> {
  try {
    return await import(name);
  } catch (cause) {
    throw new TransfuseError({
      code: 'video.decoder-missing',
      place: name,
      found: saidBy(cause),
      expected: 'mediabunny and @napi-rs/webcodecs, which read MP4 and WebM files',
      mend: 'Run "npm install mediabunny @napi-rs/webcodecs", or convert the file to animated WebP.',
      cause,
    });
  }
}

function tooLarge(place: string, maximumPixels: number): TransfuseError {
  return new TransfuseError({
    code: 'video.undecodable',
    place,
    found: `more than ${maximumPixels} pixels in all`,
    expected: 'a clip that fits into memory',
    mend: 'Keep fewer frames with the option sampling, raise maximumPixels, or cut the video.',
  });
}
