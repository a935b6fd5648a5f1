/*
 * Draws emoji at the size of the data set: over white, three channels of 8 bits. SVG is drawn at four times the size (at
 * least) and scaled down, which gives softer and more faithful edges at 32 pixels than drawing there directly. A few
 * pictures are in work at a time, so that sharp's threads stay busy while memory stays small.
 */
import { availableParallelism } from 'node:os';
import { type Progress, TransfuseError } from '@transfuse/core/contracts';
import type { EmojiDrawing } from './emoji-drawings.ts';
import { type EmojiReference, emojiId } from './emoji-caption.ts';

/** One picture to draw. */
export interface EmojiRenderJob {
  readonly picture: EmojiReference;
  readonly drawing: EmojiDrawing;
}

/**
 * Draws pictures, one after the other in the result: `[jobs, size, size, 3]` bytes.
 *
 * @throws TransfuseError `dataset.aborted`, or `dataset.unavailable` if a drawing cannot be decoded.
 */
export async function renderEmoji(
  jobs: readonly EmojiRenderJob[],
  options: {
    readonly size: number;
    readonly signal?: AbortSignal | undefined;
    readonly progress?: Progress | undefined;
  },
): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp'); // only here: a data set that is cached does not need it
  const { size, signal, progress } = options;
  const bytes = size * size * 3;
  const pixels = new Uint8Array(jobs.length * bytes);
  let next = 0;
  let done = 0;

  async function render(drawing: EmojiDrawing): Promise<Uint8Array> {
    const side = Math.max(4 * size, 128);
    const input = 'file' in drawing ? drawing.file : Buffer.from(drawing.svg(side));
    // flatten may leave an alpha channel behind: it is removed by name, and the channels are counted
    const { data, info } = await sharp(input)
      .resize(size, size, { fit: 'contain', background: '#ffffff00', kernel: 'lanczos3' })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3 || data.length !== bytes)
      throw new Error(`${info.channels} channels, ${data.length} bytes`);
    return data;
  }

  async function work(): Promise<void> {
    for (let index = next++; index < jobs.length; index = next++) {
      throwIfAborted(signal);
      const { picture, drawing } = jobs[index]!;
      try {
        pixels.set(await render(drawing), index * bytes);
      } catch (cause) {
        next = jobs.length; // the others finish what they have in hand, and no more
        throw undrawable(picture, cause);
      }
      progress?.({ task: 'drawing emoji', done: ++done, total: jobs.length });
    }
  }

  await Promise.all(Array.from({ length: Math.min(8, 2 * availableParallelism()) }, work));
  return pixels;
}

/** Ends preparation where its caller has given up. @throws TransfuseError `dataset.aborted` */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new TransfuseError({
    code: 'dataset.aborted',
    place: 'data set emoji',
    found: 'an aborted signal',
    expected: 'preparation to run to its end',
    mend: 'Prepare the data set again; nothing half-done was kept.',
    cause: signal.reason,
  });
}

function undrawable(picture: EmojiReference, cause: unknown): TransfuseError {
  return new TransfuseError({
    code: 'dataset.unavailable',
    place: `data set emoji, picture ${emojiId(picture)}`,
    found: cause instanceof Error ? cause.message : String(cause),
    expected: 'a drawing that sharp can render',
    mend: 'Install the package of this style again.',
    cause,
  });
}
