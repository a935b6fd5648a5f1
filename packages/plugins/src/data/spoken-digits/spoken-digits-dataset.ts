/*
 * The data set in memory: an item is the digit's word and the speaker's name, `three, george`, and then the sound.
 */
import {
  type Dataset,
  type DatasetItem,
  type DatasetSplit,
  type RawAudio,
  TransfuseError,
} from '@transfuse/core/contracts';
import type { RecordingName } from './recording-file.ts';
import type { Recording } from './recordings-source.ts';
import type { Loudness } from './spoken-digits-config.ts';
import { type SpokenDigitsSplit, splitOf } from './spoken-digits-splits.ts';

/** The words of the digits 0 to 9. */
export const digitWords = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'] as const;

/** The text of a recording: `three, george`. */
export function spokenDigitCaption({ digit, speaker }: Pick<RecordingName, 'digit' | 'speaker'>): string {
  return `${digitWords[digit]}, ${speaker}`;
}

/** Makes the data set of recordings. Splits without recordings are not listed. */
export function createSpokenDigitsDataset(recordings: readonly Recording[], loudness: Loudness): Dataset {
  const split = (name: SpokenDigitsSplit) =>
    createSplit(
      name,
      recordings.filter((recording) => splitOf(recording) === name),
      loudness,
    );
  return {
    name: 'spoken-digits',
    train: split('train'),
    heldOut: [split('official-test'), split('held-out')].filter(({ length }) => length > 0),
    texts: () => new Set(recordings.map(spokenDigitCaption)),
  };
}

function createSplit(name: SpokenDigitsSplit, recordings: readonly Recording[], loudness: Loudness): DatasetSplit {
  // One object per sound for good: whoever encodes sounds can remember the result by the object.
  const sounds = recordings.map(({ sound }) => (loudness === 'even' ? evened(sound) : sound));
  return {
    name,
    length: recordings.length,
    item(index): DatasetItem {
      const recording = recordings[index];
      if (recording === undefined) throw outOfRange(name, index, recordings.length);
      return {
        id: `${recording.digit}/${recording.speaker}/${recording.index}`,
        segments: [
          { modality: 'text', value: spokenDigitCaption(recording) },
          { modality: 'audio', value: sounds[index] },
        ],
      };
    },
  };
}

const evenLoudness = 0.1;

/** A sound at a root mean square of 0.1, or as near to it as its peak allows. */
function evened({ sampleRate, channels }: RawAudio): RawAudio {
  let [squares, peak, count] = [0, 0, 0];
  for (const samples of channels) {
    for (const sample of samples) {
      squares += sample * sample;
      peak = Math.max(peak, Math.abs(sample));
    }
    count += samples.length;
  }
  const gain = peak === 0 ? 1 : Math.min(evenLoudness / Math.sqrt(squares / count), 1 / peak);
  return { sampleRate, channels: channels.map((samples) => samples.map((sample) => sample * gain)) };
}

function outOfRange(split: string, index: number, length: number): TransfuseError {
  return new TransfuseError({
    code: 'dataset.unavailable',
    place: `data set spoken-digits, split ${split}`,
    found: `index ${index}`,
    expected: `an integer from 0 to ${length - 1}`,
    mend: 'Take indices below the length of the split.',
  });
}
