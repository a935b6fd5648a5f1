import type { Contribution, Guider } from '@transfuse/core/contracts';
import { scaleSchema, scaleSetting } from './scale-setting.ts';

// Two scales for two conditions (InstructPix2Pix, Brooks et al. 2023, arXiv 2211.09800, equation 3): from nothing to the
// pictures of the prompt by one scale, and from there to its text by the other,
//   e(∅, ∅) + imageScale (e(I, ∅) - e(∅, ∅)) + textScale (e(I, T) - e(I, ∅)).

/** Settings of {@link createTextAndImageGuider}. */
export interface TextAndImageOptions {
  /** 0 to 1000. @default 7.5 */
  readonly textScale?: number;
  /** 0 to 1000. @default 1.5 */
  readonly imageScale?: number;
}

/** Creates the guider, which evaluates three branches. Throws `schedule.invalid` for a scale out of range. */
export function createTextAndImageGuider(options: TextAndImageOptions = {}): Guider {
  const textScale = scaleSetting('text-and-image.textScale', options.textScale, 7.5);
  const imageScale = scaleSetting('text-and-image.imageScale', options.imageScale, 1.5);
  return {
    name: 'text-and-image',
    config: Object.freeze({ textScale, imageScale }),
    branches: ['without-text', 'unconditional'],
    guide({ guided, outputs }) {
      const images = outputs['without-text'] as Float32Array;
      const nothing = outputs.unconditional as Float32Array;
      return {
        guided: guided.map((full, i) => {
          const [image, none] = [images[i] as number, nothing[i] as number];
          return none + imageScale * (image - none) + textScale * (full - image);
        }),
      };
    },
  };
}

/** The guider as a plugin's contribution: `guider`, `text-and-image`. */
export const textAndImageContribution: Contribution<'guider'> = {
  kind: 'guider',
  name: 'text-and-image',
  description: 'Separate scales for the pictures and the text of the prompt (InstructPix2Pix, Brooks et al. 2023).',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      textScale: scaleSchema('From the pictures to pictures and text.', 7.5),
      imageScale: scaleSchema('From nothing to the pictures.', 1.5),
    },
  },
  create: (config) => createTextAndImageGuider(config as TextAndImageOptions),
};
