/** The values an author hands to a suite: without any, most checks would pass by checking nothing. */
import { TransfuseError } from '../errors/index.ts';

/** Throws `config.invalid` where there are no samples. */
export function requireSamples(suite: string, samples: readonly unknown[]): void {
  if (Array.isArray(samples) && samples.length > 0) return;
  throw new TransfuseError({
    code: 'config.invalid',
    place: `${suite}: samples`,
    found: 'none',
    expected: 'at least one value of the modality',
    mend: 'Pass values that the adapter must be able to encode.',
  });
}
