import type { Plugin } from '@transfuse/core/contracts';
import { emojiConfigSchema, type EmojiOptions } from './emoji-config.ts';
import { createEmojiFactory } from './emoji-factory.ts';

// The Emoji data set: four permissively licensed drawings of the same Unicode emoji, captioned with their names.
// At 32 pixels and in all four styles the compositional subset has 434 pictures to train on and 17 held out
// (colour-shape 12, clock 5); the full one 11,444 and 1,337 (besides these 17: tone 658, role-gender 286,
// facing-right 90, style 144, novel 142).

export { canonicalCaption, emojiId, emojiLabel, type EmojiReference, parseEmojiId } from './emoji-caption.ts';
export type { EmojiSubset } from './emoji-catalogue.ts';
export type { EmojiCaptions, EmojiOptions } from './emoji-config.ts';
export { createEmojiFactory, type EmojiFactoryOptions } from './emoji-factory.ts';
export {
  emojiFamilies,
  type EmojiFamily,
  type EmojiFamilyMember,
  type EmojiFamilyName,
  findEmojiFamily,
} from './emoji-families.ts';
export { emojiHeldOutSplits, type EmojiSplitName } from './emoji-splits.ts';
export { type EmojiStyle, emojiStyles } from './emoji-style.ts';

/**
 * The Emoji data set as a plugin: the data set `emoji`. The pictures come from packages that are installed beside it:
 * `@iconify-json/twemoji`, `@iconify-json/noto`, `@iconify-json/fluent-emoji-flat`, `@lobehub/fluent-emoji-3d` and
 * `emojibase-data`.
 *
 * @example
 * ```ts
 * import { emoji } from '@transfuse/plugins/data/emoji';
 * console.assert(emoji.manifest.provides.includes('dataset:emoji'));
 * ```
 */
export const emoji: Plugin = {
  manifest: { name: '@transfuse/plugins/data/emoji', version: '0.0.0', api: '^1.0.0', provides: ['dataset:emoji'] },
  contributions: [
    {
      kind: 'dataset',
      name: 'emoji',
      description: 'Emoji in four drawing styles with their names, 8 to 256 pixels wide.',
      configSchema: emojiConfigSchema,
      create: (settings) => createEmojiFactory({ settings: settings as EmojiOptions }),
    },
  ],
};
