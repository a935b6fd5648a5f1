/**
 * The lengths and sizes a model of videos knows, and which of them a clip goes to. Every length exists at every size. A
 * picture that does not move is the clip of one frame.
 */
import { TransfuseError } from '@transfuse/core/contracts';
import { type ImageSize, type ImageSizes, imageSizeList, nearestImageSize } from '../image/image-sizes.ts';

/** Sides of a patch. */
export interface ClipPatch {
  /** Frames that one patch spans. */
  readonly frames: number;
  /** Side in positions of the latent: in pixels where there is no codec. */
  readonly side: number;
}

/** One length at one size. */
export interface ClipShape extends ImageSize {
  readonly frames: number;
}

/** What decides which clips there are. */
export interface ClipShapeSettings {
  readonly frames: number | readonly number[];
  readonly frameDuration: number;
  readonly size: ImageSizes;
  readonly patchSize: ClipPatch;
}

/** The shapes a model knows. */
export interface ClipShapes {
  /** The first is the default. */
  readonly all: readonly [ClipShape, ...ClipShape[]];
  /** The longest clip, in frames. */
  readonly maximumFrames: number;
  /** Where a clip goes: to the nearest length, and the size of the nearest proportions. */
  forClip(clip: { readonly frames: readonly unknown[]; readonly duration: number } & ImageSize): ClipShape;
  /** The nearest shape to `{ frames, width, height }`, of which some may be left out. Throws `generation.invalid-option`. */
  forRequest(asked: Readonly<Record<string, number>>): ClipShape;
}

/** Checks the settings and lists the shapes. Throws `config.invalid`. */
export function clipShapes({ frames, frameDuration, size, patchSize }: ClipShapeSettings): ClipShapes {
  const counts = frameCounts(frames, patchSize.frames);
  const sizes = imageSizeList(size);
  if (!Number.isInteger(frameDuration) || frameDuration < 1) {
    throw invalid(
      'frameDuration',
      String(frameDuration),
      'a positive whole number of milliseconds',
      'Write 125 for 8 a second.',
    );
  }
  const all = counts.flatMap((count) => sizes.map((one) => ({ frames: count, width: one.width, height: one.height })));
  const nearestCount = (wanted: number, among: readonly number[]) =>
    among.reduce((best, count) => {
      const [known, next] = [Math.abs(best - wanted), Math.abs(count - wanted)];
      return next < known || (next === known && count > best) ? count : best;
    });
  const moving = counts.filter((count) => count > 1);
  return {
    all: all as [ClipShape, ...ClipShape[]],
    maximumFrames: Math.max(...counts),
    forClip(clip) {
      const still = clip.frames.length === 1;
      const wanted = still ? 1 : clip.duration / frameDuration;
      // What moves is not taken for a still picture where there is a choice, however short it is.
      const count = nearestCount(wanted, still || moving.length === 0 ? counts : moving);
      return { frames: count, ...nearestImageSize(sizes, clip) };
    },
    forRequest(asked) {
      const { frames: wanted = counts[0], width = sizes[0].width, height = sizes[0].height, ...others } = asked;
      const [stranger] = Object.keys(others);
      const asksForSome = Object.keys(asked).length > 0;
      const areSizes = [wanted, width, height].every((value) => Number.isFinite(value) && value > 0);
      if (stranger !== undefined || !asksForSome || !areSizes) {
        throw new TransfuseError({
          code: 'generation.invalid-option',
          place: 'size of a video',
          found: stranger === undefined ? JSON.stringify(asked) : `the word ${stranger}`,
          expected: 'frames, width and height, positive numbers; some may be left out, but not all',
          mend: `Ask, for example, for { frames: ${counts[0]}, width: ${sizes[0].width}, height: ${sizes[0].height} }.`,
        });
      }
      return { frames: nearestCount(wanted, counts), ...nearestImageSize(sizes, { width, height }) };
    },
  };
}

function frameCounts(frames: number | readonly number[], patchFrames: number): readonly [number, ...number[]] {
  const counts: readonly number[] = typeof frames === 'number' ? [frames] : frames;
  const written = JSON.stringify(frames);
  const mend = 'Write, for example, frames: 8, or frames: [1, 8] for stills beside clips.';
  if (counts.length === 0 || !counts.every((count) => Number.isInteger(count) && count > 0)) {
    throw invalid('frames', written, 'a positive whole number, or a list of such', mend);
  }
  if (new Set(counts).size !== counts.length) throw invalid('frames', written, 'each length once', mend);
  if (!counts.every((count) => count === 1 || count % patchFrames === 0)) {
    throw invalid('frames', written, `1 or multiples of ${patchFrames}, the frames of a patch`, mend);
  }
  if (patchFrames > 1 && counts.includes(1) && counts.includes(patchFrames)) {
    const expected = `not both 1 and ${patchFrames}: a patch spans ${patchFrames} frames, so both would be one patch long`;
    throw invalid('frames', written, expected, 'Leave one of the two out, or make patches shorter.');
  }
  return counts as readonly [number, ...number[]];
}

function invalid(place: string, found: string, expected: string, mend: string): TransfuseError {
  return new TransfuseError({ code: 'config.invalid', place, found, expected, mend });
}
