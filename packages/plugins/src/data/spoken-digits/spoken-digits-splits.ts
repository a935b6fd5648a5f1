/*
 * Which recording is trained on and which is kept back. The official test set of the data set is index 0 to 4 of every
 * speaker and digit. Besides, each of the six speakers is never heard with one digit, a different one each: whoever has
 * learned both the digits and the voices can say these pairs nonetheless.
 */
import type { RecordingName } from './recording-file.ts';

/** The splits. */
export type SpokenDigitsSplit = 'train' | 'official-test' | 'held-out';

/** The digit that each speaker is never heard with in training. */
export const heldOutDigits: Readonly<Record<string, number>> = {
  george: 3,
  jackson: 7,
  lucas: 0,
  nicolas: 5,
  theo: 8,
  yweweler: 2,
};

/** The split of a recording. Held-out pairs of index 0 to 4 are in the official test set, as it is published. */
export function splitOf({ digit, speaker, index }: RecordingName): SpokenDigitsSplit {
  if (index < 5) return 'official-test';
  return heldOutDigits[speaker] === digit ? 'held-out' : 'train';
}
