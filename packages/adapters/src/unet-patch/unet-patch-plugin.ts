/** The plugin that brings the image adapter `unet-patch`, in place of or beside the one of linear patches. */
import type { Contribution, Plugin } from '@transfuse/core/contracts';
import { pictureSettingsSchema } from '../image/picture-schema.ts';
import {
  latentUnetPatchImage,
  type LatentUnetPatchImageConfig,
  unetPatchImage,
  type UnetPatchImageConfig,
} from './unet-patch-image.ts';
import { unetPresets } from './unet-shape.ts';

const { codec, ...pictures } = pictureSettingsSchema;
const perLevel = (least: number) => ({
  type: 'array',
  minItems: 2,
  maxItems: 4,
  items: { type: 'integer', minimum: least, maximum: 65_536 },
});

/** The contribution, for plugins that bring other adapters of pictures too. */
export const unetPatchContribution: Contribution<'continuous-adapter'> = {
  kind: 'continuous-adapter',
  name: 'unet-patch',
  description:
    'Pictures as square patches, of pixels or of an autoencoder’s latents, through the down and up blocks of a U-Net around the transformer.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...pictures,
      preset: {
        enum: Object.keys(unetPresets),
        description: 'A shape to begin from; the settings beside it go before.',
      },
      patchSize: {
        type: 'integer',
        enum: [2, 4, 8],
        description:
          'Side of a patch in pixels, 8 where no preset says otherwise; (width / patchSize) (height / patchSize) tokens per picture. With a codec, in positions of its latent.',
      },
      widths: {
        ...perLevel(1),
        description:
          'Channels at each resolution, from the latent’s to the tokens’: 2, 3 or 4 numbers for patches of 2, 4 and 8.',
      },
      blocks: {
        description:
          'Residual blocks at each resolution, on the way down and again on the way up: one number, or one for each; 1, and 0 at the tokens’ own, where nothing is said.',
        anyOf: [{ type: 'integer', minimum: 0, maximum: 64 }, perLevel(0)],
      },
      groups: {
        type: 'integer',
        minimum: 1,
        description:
          'Groups of channels that are normalized together; 1, a layer normalization, where no preset says otherwise.',
      },
      timeWidth: {
        type: 'integer',
        minimum: 1,
        maximum: 65_536,
        description: 'Numbers of the time embedding, 128 where no preset says otherwise.',
      },
      skips: {
        enum: ['gated', 'open', 'none'],
        default: 'gated',
        description:
          'What goes around the transformer: the less the noisier the picture is, everything, or nothing. Open skips learn captions late.',
      },
      proportion: {
        enum: ['free', 'fading'],
        default: 'free',
        description:
          'How much of the noisy picture is added to what is predicted: a learned factor of the time, as it is or times 1 - t. Fading is better where the objective predicts samples.',
      },
      positions: {
        enum: ['learned', 'none'],
        default: 'learned',
        description: 'Whether learned vectors of a patch’s row and column are added to its token.',
      },
      codec,
    },
  },
  create(config, { engine, assets }) {
    const settings = config as unknown as UnetPatchImageConfig | LatentUnetPatchImageConfig;
    return 'codec' in settings ? latentUnetPatchImage(settings, engine, { assets }) : unetPatchImage(settings);
  },
};

/** The plugin: `plugins: [text, unetPatch]`, then `modalities: { image: { adapter: 'unet-patch', patchSize: 8 } }`. */
export const unetPatch: Plugin = {
  manifest: {
    name: '@transfuse/adapters/unet-patch',
    version: '0.0.0',
    api: '^1.0.0',
    provides: ['continuous-adapter:unet-patch'],
  },
  contributions: [unetPatchContribution],
};
