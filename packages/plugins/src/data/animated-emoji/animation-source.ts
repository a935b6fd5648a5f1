/*
 * What a source of animated emoji gives: animations by the code points of their emoji, each of which can be drawn as a
 * number of frames that are spread evenly over it.
 */
import { TransfuseError } from '@transfuse/core/contracts';
import type { EmojiStyle } from '../emoji/emoji-style.ts';

/** How an animation is drawn. */
export interface DrawingSize {
  /** Width and height in pixels. */
  readonly size: number;
  /** How many frames: frame i of n is what shows at (i + 1/2) / n of the animation. */
  readonly frames: number;
}

/** Draws one animation over white: `[frames, size, size, 3]` bytes. */
export interface DrawAnimation {
  (into: DrawingSize): Promise<Uint8Array>;
}

/** The animations of one drawing style. */
export interface AnimationSource {
  /** The style in captions: that of the still emoji of the same hand. */
  readonly style: EmojiStyle;
  /** What decides how its animations look, for the name of the cache. */
  readonly version: string;
  /** The animation of an emoji, by its code points as `EmojiName.code` has them; undefined where there is none. */
  find(code: string): Promise<DrawAnimation | undefined>;
}

/** The name in messages. */
export const datasetPlace = 'data set animated-emoji';

/** The error for a source that cannot be read. */
export function brokenSource(
  place: string,
  details: { readonly found: string; readonly expected: string; readonly mend: string; readonly cause?: unknown },
): TransfuseError {
  return new TransfuseError({ code: 'dataset.unavailable', place: `${datasetPlace}, ${place}`, ...details });
}

/** What an error says, on one line. */
export function saidBy(cause: unknown): string {
  return cause instanceof Error ? cause.message.trim().replaceAll('\n', '; ').replace(/\.$/, '') : String(cause);
}
