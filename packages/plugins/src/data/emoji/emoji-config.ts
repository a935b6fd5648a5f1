/*
 * The settings of the Emoji data set: their schema, which a host shows and checks, and the reading of them, which also
 * holds for those who prepare the data set without a host.
 */
import { type JsonSchema, TransfuseError } from '@transfuse/core/contracts';
import type { EmojiSubset } from './emoji-catalogue.ts';
import { type EmojiStyle, emojiStyles } from './emoji-style.ts';

/** Settings of the Emoji data set; whatever is left out takes its default. */
export interface EmojiOptions {
  /** Width and height of the pictures in pixels, 8 to 256. Default 32. */
  readonly size?: number;
  /** `compositional`: hearts, circles, squares, clocks, arrows, keycaps, zodiac; `full`: everything but flags. Default `compositional`. */
  readonly subset?: EmojiSubset;
  /** The drawing styles, at least one. Default all four. */
  readonly styles?: readonly EmojiStyle[];
  /** `varied`: training sees other forms of a caption in 30 % of draws; `canonical`: always `red heart, noto style`. Default `varied`. */
  readonly captions?: EmojiCaptions;
}

/** Which forms of a caption training sees. */
export type EmojiCaptions = 'varied' | 'canonical';

/** Settings with every default filled in, the styles in the order of {@link emojiStyles}. */
export type EmojiConfig = Required<EmojiOptions>;

const subsets: readonly EmojiSubset[] = ['compositional', 'full'];
const captionModes: readonly EmojiCaptions[] = ['varied', 'canonical'];
const sizes = { minimum: 8, maximum: 256, default: 32 };

/** The schema of {@link EmojiOptions}. */
export const emojiConfigSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    size: { type: 'integer', ...sizes, description: 'Width and height of the pictures in pixels.' },
    subset: {
      enum: subsets,
      default: 'compositional',
      description: 'compositional: families whose names are put together from parts; full: everything but flags.',
    },
    styles: {
      type: 'array',
      items: { enum: emojiStyles },
      minItems: 1,
      uniqueItems: true,
      default: emojiStyles,
      description: 'The drawing styles.',
    },
    captions: {
      enum: captionModes,
      default: 'varied',
      description: 'varied: training sees other forms of a caption in 30 % of draws; canonical: one form only.',
    },
  },
};

/** Checks settings and fills in defaults. @throws TransfuseError `config.invalid` */
export function readEmojiConfig(settings: Readonly<Record<string, unknown>>): EmojiConfig {
  const {
    size = sizes.default,
    subset = 'compositional',
    styles = emojiStyles,
    captions = 'varied',
    ...unknown
  } = settings;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined)
    throw invalid(stranger, 'an unknown setting', 'size, subset, styles or captions', 'Remove it.');
  if (!Number.isInteger(size) || (size as number) < sizes.minimum || (size as number) > sizes.maximum) {
    const range = `an integer from ${sizes.minimum} to ${sizes.maximum}`;
    throw invalid('size', shown(size), range, `Leave it out for ${sizes.default}.`);
  }
  if (!subsets.includes(subset as EmojiSubset)) {
    throw invalid('subset', shown(subset), shown(subsets), 'Leave it out for "compositional".');
  }
  if (!captionModes.includes(captions as EmojiCaptions)) {
    throw invalid('captions', shown(captions), shown(captionModes), 'Leave it out for "varied".');
  }
  const wanted: unknown[] = Array.isArray(styles) ? styles : [];
  const distinct = emojiStyles.filter((style) => wanted.includes(style));
  if (distinct.length === 0 || distinct.length !== wanted.length) {
    const expected = `a list of distinct names out of ${shown(emojiStyles)}`;
    throw invalid('styles', shown(styles), expected, 'Leave it out for all four.');
  }
  return { size: size as number, subset: subset as EmojiSubset, styles: distinct, captions: captions as EmojiCaptions };
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? typeof value;
}

function invalid(field: string, found: string, expected: string, mend: string): TransfuseError {
  return new TransfuseError({ code: 'config.invalid', place: `data.${field}`, found, expected, mend });
}
