/*
 * The animated Emoji data set in memory: clips that lie behind each other in one array, and the splits as lists of
 * indices into it. An item is a caption and then its clip.
 */
import {
  type Dataset,
  type DatasetItem,
  type DatasetSplit,
  type RandomSource,
  type RawImage,
  TransfuseError,
} from '@transfuse/core/contracts';
import type { StoredPictures } from '../emoji/emoji-cache.ts';
import { canonicalCaption, captionForms, drawCaption, emojiId } from '../emoji/emoji-caption.ts';
import { emojiHeldOutSplits, type EmojiSplitName } from '../emoji/emoji-splits.ts';
import type { AnimatedEmojiConfig } from './animation-config.ts';
import { datasetPlace } from './animation-source.ts';

/** A clip as plain data, as items carry it in segments of the modality `video`. */
export interface EmojiClip {
  readonly frames: readonly RawImage[];
  /** In milliseconds. */
  readonly delays: readonly number[];
}

type Timing = Pick<AnimatedEmojiConfig, 'frames' | 'frameDuration' | 'captions'>;

/** Makes the data set of clips that were drawn or read from the cache. Splits without clips are not listed. */
export function createAnimationDataset(stored: StoredPictures, timing: Timing): Dataset {
  const clips = stored.pictures.map((_, index) => clipAt(stored, index, timing));
  const split = (name: EmojiSplitName) => createSplit(name, stored, clips, timing);
  return {
    name: 'animated-emoji',
    train: split('train'),
    heldOut: emojiHeldOutSplits.map(split).filter(({ length }) => length > 0),
    texts: () => distinctCaptions(stored, timing),
  };
}

/** One object per clip for good: whoever encodes clips can remember the result by the object. */
function clipAt({ pixels, size }: StoredPictures, index: number, { frames, frameDuration }: Timing): EmojiClip {
  const bytes = size * size * 3;
  return {
    frames: Array.from({ length: frames }, (_, frame) => {
      const at = (index * frames + frame) * bytes;
      return { width: size, height: size, data: pixels.subarray(at, at + bytes) };
    }),
    delays: Array.from({ length: frames }, () => frameDuration),
  };
}

function createSplit(
  name: EmojiSplitName,
  { pictures }: StoredPictures,
  clips: readonly EmojiClip[],
  { captions }: Timing,
): DatasetSplit {
  const indices = pictures.flatMap((picture, index) => (picture.split === name ? [index] : []));
  return {
    name,
    length: indices.length,
    item(index: number, random: RandomSource): DatasetItem {
      const at = indices[index];
      if (at === undefined) {
        throw new TransfuseError({
          code: 'dataset.unavailable',
          place: `${datasetPlace}, split ${name}`,
          found: `index ${index}`,
          expected: `an integer from 0 to ${indices.length - 1}`,
          mend: 'Take indices below the length of the split.',
        });
      }
      const picture = pictures[at]!;
      const varied = name === 'train' && captions === 'varied';
      return {
        id: emojiId(picture),
        segments: [
          { modality: 'text', value: varied ? drawCaption(picture, random) : canonicalCaption(picture) },
          { modality: 'video', value: clips[at] },
        ],
      };
    },
  };
}

/** Every caption that an item can carry, each once. */
function distinctCaptions({ pictures }: StoredPictures, { captions }: Timing): Iterable<string> {
  return new Set(
    pictures.flatMap((picture) =>
      captions === 'varied' ? captionForms(picture).map(({ caption }) => caption) : [canonicalCaption(picture)],
    ),
  );
}
