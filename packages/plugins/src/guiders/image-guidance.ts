import type { Contribution, Guider } from '@transfuse/core/contracts';
import { scaleSchema, scaleSetting } from './scale-setting.ts';
import { extrapolate } from './vector.ts';

// Guidance towards the pictures (and other blocks) that stand before the one being made, beside that towards the text:
// away from the output that sees the text but no blocks. As the second guider of a chain, after `classifier-free`, it is
// the image guidance of BAGEL (Deng et al. 2025, arXiv 2505.14683); with `norm-clamp` by channel between the two, in
// the manner of that model's variant `text_channel` (which compares whole tokens, here it is positions of the latent).

/** Settings of {@link createImageGuider}. */
export interface ImageGuidanceOptions {
  /** 0 to 1000; 1 is no guidance and costs no branch. @default 1.5 */
  readonly scale?: number;
}

/** Creates the guider. Throws `schedule.invalid` for a scale out of range. */
export function createImageGuider(options: ImageGuidanceOptions = {}): Guider {
  const scale = scaleSetting('image-guidance.scale', options.scale, 1.5);
  return {
    name: 'image-guidance',
    config: Object.freeze({ scale }),
    branches: scale === 1 ? [] : ['without-blocks'],
    guide({ guided, outputs }) {
      const without = outputs['without-blocks'];
      return { guided: without === undefined ? guided : extrapolate(without, guided, scale) };
    },
  };
}

/** The guider as a plugin's contribution: `guider`, `image-guidance`. */
export const imageGuidanceContribution: Contribution<'guider'> = {
  kind: 'guider',
  name: 'image-guidance',
  description: 'Away from the output that sees no earlier blocks: towards the pictures of the prompt (BAGEL, 2025).',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: { scale: scaleSchema('How far; 1 is no guidance.', 1.5) },
  },
  create: (config) => createImageGuider(config as ImageGuidanceOptions),
};
