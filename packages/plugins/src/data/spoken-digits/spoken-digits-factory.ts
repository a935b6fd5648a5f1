/** Prepares the data set of spoken digits: reads every recording from where the user has them; nothing is cached. */
import type { DatasetFactory } from '@transfuse/core/contracts';
import { readRecordings } from './recordings-source.ts';
import { readSpokenDigitsConfig, type SpokenDigitsOptions } from './spoken-digits-config.ts';
import { createSpokenDigitsDataset } from './spoken-digits-dataset.ts';

/**
 * Creates the factory of the data set `spoken-digits`: English digits said by six people (the free spoken digit data set,
 * CC BY-SA 4.0), 3,000 recordings at 8,000 Hz, 0.43 s long on average.
 *
 * `prepare` takes {@link SpokenDigitsOptions} and throws TransfuseError `config.invalid` for wrong ones,
 * `dataset.unavailable` where there are no recordings or one is damaged, `dataset.aborted` if its signal says so.
 *
 * @param settings Settings that hold where `prepare` is given none.
 */
export function createSpokenDigitsFactory(settings: Partial<SpokenDigitsOptions> = {}): DatasetFactory {
  return {
    name: 'spoken-digits',
    async prepare(given, { signal, progress }) {
      const { source, loudness } = readSpokenDigitsConfig({ ...settings, ...given });
      const recordings = await readRecordings(source, {
        signal,
        progress: (done, total) => progress?.({ task: 'reading recordings', done, total }),
      });
      return createSpokenDigitsDataset(recordings, loudness);
    },
  };
}
