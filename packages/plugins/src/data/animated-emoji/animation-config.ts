/*
 * The settings of the animated Emoji data set: their schema, which a host shows and checks, and the reading of them,
 * which also holds for those who prepare the data set without a host.
 */
import { type JsonSchema, TransfuseError } from '@transfuse/core/contracts';
import type { EmojiCaptions } from '../emoji/emoji-config.ts';

/** Where animations come from. */
const animationSources = ['fluent', 'noto'] as const satisfies readonly AnimationSourceName[];

/** `fluent`: the packages `@lobehub/fluent-emoji-anim-1` to `-4`. `noto`: Lottie files that {@link AnimatedEmojiOptions.noto} leads to. */
export type AnimationSourceName = 'fluent' | 'noto';

/** Settings of the animated Emoji data set; whatever is left out takes its default. */
export interface AnimatedEmojiOptions {
  /** Width and height of the frames in pixels, 8 to 256. Default 32. */
  readonly size?: number;
  /** How many frames a clip has, spread evenly over its animation, 1 to 64. Default 8. */
  readonly frames?: number;
  /**
   * How long each frame is said to show, in whole milliseconds, 1 to 60000. Default 375: eight frames are three seconds,
   * as most of the animations are; shorter ones play slower and longer ones faster, all of them whole.
   */
  readonly frameDuration?: number;
  /** At least one. Default `fluent` alone. */
  readonly sources?: readonly AnimationSourceName[];
  /** Which of the four packages of `fluent`, each about 170 MB to install. Default the first. */
  readonly fluentParts?: readonly number[];
  /** Where the Lottie files of Noto animated emoji are: a folder or a .tar.gz file with `<code>/lottie.json`. Needed for `noto`. */
  readonly noto?: string;
  /** `varied`: training sees other forms of a caption in 30 % of draws; `canonical`: always `panda, fluent-3d style`. Default `varied`. */
  readonly captions?: EmojiCaptions;
}

/** Settings with every default filled in; lists in the order of their schema. */
export type AnimatedEmojiConfig = Required<Omit<AnimatedEmojiOptions, 'noto'>> & { readonly noto?: string };

const sizes = { minimum: 8, maximum: 256, default: 32 };
const counts = { minimum: 1, maximum: 64, default: 8 };
const durations = { minimum: 1, maximum: 60_000, default: 375 };
const parts = [1, 2, 3, 4];
const captionModes = ['varied', 'canonical'];

/** The schema of {@link AnimatedEmojiOptions}. */
export const animatedEmojiConfigSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    size: { type: 'integer', ...sizes, description: 'Width and height of the frames in pixels.' },
    frames: { type: 'integer', ...counts, description: 'Frames of a clip, spread evenly over its animation.' },
    frameDuration: { type: 'integer', ...durations, description: 'How long a frame is said to show, in milliseconds.' },
    sources: {
      type: 'array',
      items: { enum: animationSources },
      minItems: 1,
      uniqueItems: true,
      default: ['fluent'],
      description: 'fluent: the packages @lobehub/fluent-emoji-anim-1 to -4; noto: the Lottie files under `noto`.',
    },
    fluentParts: {
      type: 'array',
      items: { enum: parts },
      minItems: 1,
      uniqueItems: true,
      default: [1],
      description: 'Which of the four packages of fluent, each about 170 MB to install.',
    },
    noto: {
      type: 'string',
      minLength: 1,
      description: 'A folder or .tar.gz file of Noto animated emoji as <code>/lottie.json; needed for the source noto.',
    },
    captions: {
      enum: captionModes,
      default: 'varied',
      description: 'varied: training sees other forms of a caption in 30 % of draws; canonical: one form only.',
    },
  },
};

/** Checks settings and fills in defaults. @throws TransfuseError `config.invalid` */
export function readAnimatedEmojiConfig(settings: Readonly<Record<string, unknown>>): AnimatedEmojiConfig {
  const {
    size = sizes.default,
    frames = counts.default,
    frameDuration = durations.default,
    sources = ['fluent'],
    fluentParts = [1],
    noto,
    captions = 'varied',
    ...unknown
  } = settings;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined) {
    const known = Object.keys(animatedEmojiConfigSchema['properties'] as object).join(', ');
    throw invalid(stranger, 'an unknown setting', `one of ${known}`, 'Remove it.');
  }
  insistInteger('size', size, sizes);
  insistInteger('frames', frames, counts);
  insistInteger('frameDuration', frameDuration, durations);
  const chosen = insistChoices('sources', sources, animationSources);
  if (noto !== undefined && (typeof noto !== 'string' || noto === '')) {
    throw invalid('noto', shown(noto), 'a path', 'Give the folder or .tar.gz file that holds the Lottie files.');
  }
  if (chosen.includes('noto') && noto === undefined) {
    throw invalid('noto', 'nothing', 'a path, for the source noto', 'Give it, or leave noto out of sources.');
  }
  if (!captionModes.includes(captions as string)) {
    throw invalid('captions', shown(captions), shown(captionModes), 'Leave it out for "varied".');
  }
  return {
    size: size as number,
    frames: frames as number,
    frameDuration: frameDuration as number,
    sources: chosen,
    fluentParts: insistChoices('fluentParts', fluentParts, parts),
    captions: captions as EmojiCaptions,
    ...(noto === undefined ? {} : { noto }),
  };
}

function insistInteger(field: string, value: unknown, range: typeof sizes): void {
  if (Number.isInteger(value) && (value as number) >= range.minimum && (value as number) <= range.maximum) return;
  const expected = `an integer from ${range.minimum} to ${range.maximum}`;
  throw invalid(field, shown(value), expected, `Leave it out for ${range.default}.`);
}

function insistChoices<Choice>(field: string, value: unknown, among: readonly Choice[]): readonly Choice[] {
  const wanted: unknown[] = Array.isArray(value) ? value : [];
  const distinct = among.filter((choice) => wanted.includes(choice));
  if (distinct.length > 0 && distinct.length === wanted.length) return distinct;
  throw invalid(
    field,
    shown(value),
    `a list of distinct values out of ${shown(among)}`,
    `Leave it out for ${shown([among[0]])}.`,
  );
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? typeof value;
}

function invalid(field: string, found: string, expected: string, mend: string): TransfuseError {
  return new TransfuseError({ code: 'config.invalid', place: `data.${field}`, found, expected, mend });
}
