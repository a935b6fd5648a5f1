import type { Plugin } from '@transfuse/core/contracts';
import { type SpokenDigitsOptions, spokenDigitsSchema } from './spoken-digits-config.ts';
import { createSpokenDigitsFactory } from './spoken-digits-factory.ts';

// Spoken digits with the names of those who say them, and a judge that tells how many of generated ones are right.

export {
  createDigitJudge,
  type DigitJudge,
  judgedAccuracy,
  type KnownWord,
  knownWords,
  type Verdict,
} from './digit-judge.ts';
export type { RecordingName } from './recording-file.ts';
export type { Loudness, SpokenDigitsOptions } from './spoken-digits-config.ts';
export { digitWords, spokenDigitCaption } from './spoken-digits-dataset.ts';
export { createSpokenDigitsFactory } from './spoken-digits-factory.ts';
export { heldOutDigits, type SpokenDigitsSplit } from './spoken-digits-splits.ts';

/**
 * The data set `spoken-digits` as a plugin. The recordings are the user's to get: the free spoken digit data set, as a
 * folder or as its archive.
 *
 * @example
 * ```ts
 * import { spokenDigits } from '@transfuse/plugins/data/spoken-digits';
 * console.assert(spokenDigits.manifest.provides.includes('dataset:spoken-digits'));
 * ```
 */
export const spokenDigits: Plugin = {
  manifest: {
    name: '@transfuse/plugins/data/spoken-digits',
    version: '0.0.0',
    api: '^1.0.0',
    provides: ['dataset:spoken-digits'],
  },
  contributions: [
    {
      kind: 'dataset',
      name: 'spoken-digits',
      description: 'English digits said by six people: the free spoken digit data set, from its folder or archive.',
      configSchema: spokenDigitsSchema,
      create: (settings) => createSpokenDigitsFactory(settings as unknown as SpokenDigitsOptions),
    },
  ],
};
