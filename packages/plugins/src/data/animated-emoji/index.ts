import type { Plugin } from '@transfuse/core/contracts';
import { animatedEmojiConfigSchema, type AnimatedEmojiOptions } from './animation-config.ts';
import { createAnimatedEmojiFactory } from './animation-factory.ts';

// The animated Emoji data set: short clips of emoji that move, from permissively licensed sources, with their names.

export type { AnimatedEmojiOptions, AnimationSourceName } from './animation-config.ts';
export type { EmojiClip } from './animation-dataset.ts';
export { createAnimatedEmojiFactory, type AnimatedEmojiFactoryOptions } from './animation-factory.ts';

/**
 * The animated Emoji data set as a plugin: the data set `animated-emoji`, items of a text and a `video`. The animations
 * come from packages that are installed beside it, by default `@lobehub/fluent-emoji-anim-1`, and the names from
 * `emojibase-data`; those of the source `noto` from files that a user has, drawn by `@lottiefiles/dotlottie-web`.
 *
 * @example
 * ```ts
 * import { animatedEmoji } from '@transfuse/plugins/data/animated-emoji';
 * console.assert(animatedEmoji.manifest.provides.includes('dataset:animated-emoji'));
 * ```
 */
export const animatedEmoji: Plugin = {
  manifest: {
    name: '@transfuse/plugins/data/animated-emoji',
    version: '0.0.0',
    api: '^1.0.0',
    provides: ['dataset:animated-emoji'],
  },
  contributions: [
    {
      kind: 'dataset',
      name: 'animated-emoji',
      description: 'Short clips of animated emoji with their names, 8 to 256 pixels wide.',
      configSchema: animatedEmojiConfigSchema,
      create: (settings) => createAnimatedEmojiFactory({ settings: settings as AnimatedEmojiOptions }),
    },
  ],
};
