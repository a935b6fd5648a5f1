// A clip inside the page: the animation, which plays by itself, and its frames side by side for those who want to look
// closely (or have the page printed). Both are data URIs, without loss.

import { type RawClip, VideoClip } from '@transfuse/adapters/video';
import type { RawImage } from '@transfuse/core/contracts';
import sharp from 'sharp';
import { markup, type Markup } from './markup.ts';
import { shownWidth } from './picture.ts';
import type { ShownOptions } from './shown-value.ts';

const framesPerRow = 8;
const mostFrames = 32; // of the strip
const stripWidth = 256; // pixels of the page, about

/**
 * The elements that show a clip.
 *
 * @throws TransfuseError `video.undecodable` if it is none.
 */
export async function shownClip(value: RawClip, { alt }: ShownOptions): Promise<Markup> {
  const clip = VideoClip.from(value);
  const animation = Buffer.from(await clip.toBytes('webp'));
  const shown = shownWidth(clip.width);
  const height = Math.max(1, Math.round((clip.height * shown) / clip.width));
  const moving = markup`<img class="${look(clip)}" src="data:image/webp;base64,${animation.toString('base64')}" width="${shown}" height="${height}" alt="${alt}">`;
  if (clip.frames.length === 1) return moving;
  const frames = evenly(clip.frames, mostFrames);
  const sheet = await contactSheet(frames);
  const columns = Math.min(framesPerRow, frames.length);
  const rows = Math.ceil(frames.length / columns);
  const factor = Math.max(1, Math.floor(stripWidth / (columns * clip.width)));
  const width = Math.min(columns * clip.width * factor, Math.max(stripWidth, columns * 32));
  const stripHeight = Math.max(1, Math.round((rows * clip.height * width) / (columns * clip.width)));
  return markup`<div class="clip">${moving}<img class="${look(clip)}" src="data:image/png;base64,${sheet.toString('base64')}" width="${width}" height="${stripHeight}" alt="${frames.length} frames of it, side by side"></div>`;
}

function look({ width }: { readonly width: number }): string {
  return width < 128 ? 'pixels' : 'photo';
}

/** The frames in rows, as PNG; the last row ends in the middle where they do not fill it. */
async function contactSheet(frames: readonly RawImage[]): Promise<Buffer> {
  const { width, height } = frames[0]!;
  const columns = Math.min(framesPerRow, frames.length);
  const rows = Math.ceil(frames.length / columns);
  return sharp({
    create: {
      width: columns * width,
      height: rows * height,
      channels: 4,
      background: { r: 0, g: 0, b: 0, alpha: 0 },
    },
  })
    .composite(
      frames.map(({ data }, index) => ({
        input: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
        raw: { width, height, channels: 3 as const },
        left: (index % columns) * width,
        top: Math.floor(index / columns) * height,
      })),
    )
    .png({ compressionLevel: 9 })
    .toBuffer();
}

function evenly<Item>(items: readonly Item[], most: number): readonly Item[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)]!);
}
