/**
 * From a video file to frames: looks at the first bytes and hands the file to whoever reads that kind. Animations and
 * pictures are RasterImage's; MP4, QuickTime, WebM and Matroska files go to the container reader.
 */
import { readFile } from 'node:fs/promises';
import { TransfuseError } from '@transfuse/core/contracts';
import type { ReadImageOptions } from '../image/image-decoding.ts';
import { RasterImage } from '../image/raster-image.ts';
import { readContainer, type VideoSampling } from './container-video.ts';
import type { RawClip } from './video-clip.ts';
import { saidBy, undecodableVideo } from './video-error.ts';

/** How a video is read. */
export interface ReadVideoOptions extends ReadImageOptions {
  /**
   * Of MP4, QuickTime, WebM and Matroska files keeps only the frames that show at a fixed rate, at most so many: a whole
   * film does not fit into memory. Default: every frame there is. Animations are read whole.
   */
  readonly sampling?: VideoSampling;
}

/** Reads a clip; throws as `VideoClip.read` says. */
export async function readClip(source: string | Uint8Array, options: ReadVideoOptions): Promise<RawClip> {
  const { sampling, ...pictures } = options;
  const place = typeof source === 'string' ? source : `video of ${source.length} bytes`;
  const bytes = typeof source === 'string' ? await readBytes(source) : source;
  if (isContainer(bytes)) return readContainer(bytes, { place, ...options });
  try {
    const { frames, delays } = await RasterImage.readFrames(bytes, pictures);
    return { frames, delays: frames.length === 1 ? [0] : delays.map((delay) => (delay <= 10 ? 100 : delay)) };
  } catch (cause) {
    if (cause instanceof TransfuseError && cause.code === 'image.undecodable') {
      throw undecodableVideo(place, { found: cause.found, expected: cause.expected, cause });
    }
    throw cause;
  }
}

/** Matroska and WebM begin with EBML's mark; MP4 and QuickTime with a box `ftyp` (or an older one), as AVIF and HEIF do. */
function isContainer(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 12)).toString('latin1');
  if (head.startsWith('\u001a\u0045\u00df\u00a3')) return true;
  const [box, brand] = [head.slice(4, 8), head.slice(8, 12)];
  return ['moov', 'mdat', 'wide'].includes(box) || (box === 'ftyp' && !pictureBrands.has(brand));
}

const pictureBrands: ReadonlySet<string> = new Set(['avif', 'avis', 'heic', 'heix', 'hevc', 'hevx', 'mif1', 'msf1']);

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) {
      throw undecodableVideo(path, { found: saidBy(cause), cause });
    }
    throw new TransfuseError({
      code: 'video.not-found',
      place: path,
      found: 'no such file',
      expected: 'a video file',
      mend: 'Check the path; it is taken relative to the folder the program was started in.',
      cause,
    });
  }
}
