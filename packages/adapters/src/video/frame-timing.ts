/**
 * Which frame of a clip shows when. A clip whose frames show for different times is brought to a fixed rate by taking,
 * for each new frame, the old one that shows in the middle of the new one's time: nothing is blended, and a clip that
 * has the rate already stays as it is.
 */
import { TransfuseError } from '@transfuse/core/contracts';

/** What happens after the last frame where a clip is shorter than is asked for. */
export const clipEndings = ['hold', 'loop'] as const satisfies readonly ClipEnding[];

/** `hold`: the last frame stays. `loop`: the clip begins again. */
export type ClipEnding = 'hold' | 'loop';

/** A fixed rate and length. */
export interface ClipTiming {
  /** How many frames; what lies beyond is cut off. */
  readonly frames: number;
  /** How long each shows, in milliseconds. */
  readonly frameDuration: number;
  /** Default `hold`. */
  readonly ending?: ClipEnding;
}

/**
 * The frames of a clip that show at a fixed rate, by their indices.
 *
 * @param delays how long each frame shows, in milliseconds; a still picture has one, of any length
 * @throws `config.invalid` for a timing that is none
 *
 * @example
 * ```ts
 * import { shownFrames } from '@transfuse/adapters/video';
 * console.assert(shownFrames([100, 300], { frames: 5, frameDuration: 100 }).join() === '0,1,1,1,1');
 * console.assert(shownFrames([100, 300], { frames: 5, frameDuration: 100, ending: 'loop' }).join() === '0,1,1,1,0');
 * ```
 */
export function shownFrames(delays: readonly number[], timing: ClipTiming): readonly number[] {
  const { frames, frameDuration, ending = 'hold' } = checkedTiming(timing);
  const ends: number[] = [];
  for (const delay of delays) ends.push((ends.at(-1) ?? 0) + delay);
  const duration = ends.at(-1) ?? 0;
  return Array.from({ length: frames }, (_, index) => {
    const middle = (index + 0.5) * frameDuration;
    const at = ending === 'loop' && duration > 0 ? middle % duration : middle;
    const shown = ends.findIndex((end) => at < end);
    return shown === -1 ? delays.length - 1 : shown;
  });
}

function checkedTiming(timing: ClipTiming): ClipTiming {
  const { frames, frameDuration, ending = 'hold' } = timing;
  if (!Number.isInteger(frames) || frames < 1) throw invalid('frames', frames, 'a positive whole number');
  if (!Number.isFinite(frameDuration) || frameDuration <= 0) {
    throw invalid('frameDuration', frameDuration, 'a positive number of milliseconds');
  }
  if (!clipEndings.includes(ending)) throw invalid('ending', ending, clipEndings.join(' or '));
  return timing;
}

function invalid(place: string, found: unknown, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'config.invalid',
    place,
    found: JSON.stringify(found) ?? String(found),
    expected,
    mend: 'Write, for example, { frames: 8, frameDuration: 125 } for one second.',
  });
}
