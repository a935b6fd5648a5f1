/*
 * The settings of the data set: their schema, which a host shows and checks, and the reading of them, which also holds for
 * those who prepare the data set without a host.
 */
import { type JsonSchema, TransfuseError } from '@transfuse/core/contracts';

/** Settings of the data set `spoken-digits`. */
export interface SpokenDigitsOptions {
  /** Where the recordings are: a folder, or the archive `.tar` or `.tar.gz`; a relative path begins at the working directory. */
  readonly source: string;
  /**
   * How loud recordings are: `even` brings each to a root mean square of 0.1, as far as full scale allows; `recorded` leaves
   * them as they are, which spreads the speakers over 30 decibels. Default `even`.
   */
  readonly loudness?: Loudness;
}

/** How loud recordings are given. */
export type Loudness = 'even' | 'recorded';

const loudnesses: readonly unknown[] = ['even', 'recorded'] satisfies readonly Loudness[];

/** The schema of {@link SpokenDigitsOptions}. */
export const spokenDigitsSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['source'],
  properties: {
    source: {
      type: 'string',
      minLength: 1,
      description:
        'Where the recordings are: a folder, or the archive free-spoken-digit-dataset.tar.gz; a relative path begins at the working directory.',
    },
    loudness: {
      enum: loudnesses,
      default: 'even',
      description: 'even: every recording at a root mean square of 0.1; recorded: as loud as it was recorded.',
    },
  },
};

/** Checks settings and fills in defaults. @throws TransfuseError `config.invalid` */
export function readSpokenDigitsConfig(settings: Readonly<Record<string, unknown>>): Required<SpokenDigitsOptions> {
  const { source, loudness = 'even', ...unknown } = settings;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined) throw invalid(stranger, 'an unknown setting', 'source or loudness', 'Remove it.');
  if (typeof source !== 'string' || source === '') {
    throw invalid(
      'source',
      JSON.stringify(source) ?? 'nothing',
      'the path of a folder or an archive',
      'Say where the recordings are.',
    );
  }
  if (!loudnesses.includes(loudness)) {
    throw invalid(
      'loudness',
      JSON.stringify(loudness) ?? typeof loudness,
      JSON.stringify(loudnesses),
      'Leave it out for "even".',
    );
  }
  return { source, loudness: loudness as Loudness };
}

function invalid(field: string, found: string, expected: string, mend: string): TransfuseError {
  return new TransfuseError({ code: 'config.invalid', place: `data.${field}`, found, expected, mend });
}
