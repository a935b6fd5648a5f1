/*
 * The promise behind the held-out splits: whoever has learnt from the training pictures has read every word of the
 * held-out captions (but for `novel`). It depends on which names and styles exist, so it is checked on what was really
 * drawn, each time a data set is prepared.
 */
import { TransfuseError } from '@transfuse/core/contracts';
import { canonicalCaption, captionWords } from './emoji-caption.ts';
import type { AssignedPicture } from './emoji-splits.ts';

/** The words of held-out captions that no training caption has, by split; empty where the promise holds. */
export function uncoveredWords(pictures: readonly AssignedPicture[]): ReadonlyMap<string, readonly string[]> {
  const known = new Set<string>();
  for (const picture of pictures) {
    if (picture.split === 'train') for (const word of captionWords(canonicalCaption(picture))) known.add(word);
  }
  const missing = new Map<string, Set<string>>();
  for (const picture of pictures) {
    if (picture.split === 'train' || picture.split === 'novel') continue;
    for (const word of captionWords(canonicalCaption(picture))) {
      if (known.has(word)) continue;
      const words = missing.get(picture.split) ?? new Set();
      missing.set(picture.split, words.add(word));
    }
  }
  return new Map([...missing].map(([split, words]) => [split, [...words]]));
}

/** @throws TransfuseError `dataset.unavailable` if a held-out caption has a word that training never shows. */
export function assertWordsCovered(pictures: readonly AssignedPicture[]): void {
  for (const [split, words] of uncoveredWords(pictures)) {
    throw new TransfuseError({
      code: 'dataset.unavailable',
      place: `data set emoji, split ${split}`,
      found: `words that no training caption has: ${words.join(', ')}`,
      expected: 'every word of a held-out caption to occur in training',
      mend: 'Install the versions of the emoji packages that this package names as its peers.',
    });
  }
}
