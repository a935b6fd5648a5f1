/*
 * The Emoji data set in memory: pictures that lie behind each other in one array, and the splits as lists of indices
 * into it. An item is a caption and then its picture.
 */
import {
  type Dataset,
  type DatasetItem,
  type DatasetSplit,
  type RandomSource,
  type RawImage,
  TransfuseError,
} from '@transfuse/core/contracts';
import { canonicalCaption, captionForms, drawCaption, emojiId } from './emoji-caption.ts';
import type { EmojiCaptions } from './emoji-config.ts';
import type { StoredPictures } from './emoji-cache.ts';
import { emojiHeldOutSplits, type EmojiSplitName } from './emoji-splits.ts';

/** Makes the data set of pictures that were drawn or read from the cache. Splits without pictures are not listed. */
export function createEmojiDataset(stored: StoredPictures, captions: EmojiCaptions): Dataset {
  const split = (name: EmojiSplitName) => createSplit(name, stored, captions);
  return {
    name: 'emoji',
    train: split('train'),
    heldOut: emojiHeldOutSplits.map(split).filter(({ length }) => length > 0),
    texts: () => distinctCaptions(stored, captions),
  };
}

function createSplit(
  name: EmojiSplitName,
  { pictures, pixels, size }: StoredPictures,
  captions: EmojiCaptions,
): DatasetSplit {
  const indices = pictures.flatMap((picture, index) => (picture.split === name ? [index] : []));
  const bytes = size * size * 3;
  // One object per picture for good: whoever encodes pictures can remember the result by the object.
  const images = indices.map((at): RawImage => ({
    width: size,
    height: size,
    data: pixels.subarray(at * bytes, (at + 1) * bytes),
  }));
  return {
    name,
    length: indices.length,
    item(index: number, random: RandomSource): DatasetItem {
      const at = indices[index];
      if (at === undefined) throw outOfRange(name, index, indices.length);
      const picture = pictures[at]!;
      const caption =
        name === 'train' && captions === 'varied' ? drawCaption(picture, random) : canonicalCaption(picture);
      return {
        id: emojiId(picture),
        segments: [
          { modality: 'text', value: caption },
          { modality: 'image', value: images[index] },
        ],
      };
    },
  };
}

/** Every caption that an item can carry, each once. */
function* distinctCaptions({ pictures }: StoredPictures, captions: EmojiCaptions): Iterable<string> {
  const seen = new Set<string>();
  for (const picture of pictures) {
    for (const { caption } of captions === 'varied'
      ? captionForms(picture)
      : [{ caption: canonicalCaption(picture) }]) {
      if (seen.has(caption)) continue;
      seen.add(caption);
      yield caption;
    }
  }
}

function outOfRange(split: string, index: number, length: number): TransfuseError {
  return new TransfuseError({
    code: 'dataset.unavailable',
    place: `data set emoji, split ${split}`,
    found: `index ${index}`,
    expected: `an integer from 0 to ${length - 1}`,
    mend: 'Take indices below the length of the split.',
  });
}
