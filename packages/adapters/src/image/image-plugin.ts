/**
 * The plugin that brings the image modality. Its adapters work on pixels or, with a codec, on the latents of an
 * autoencoder; the trainable half is one of the paper's two: linear patches, or the down and up blocks of a U-Net.
 */
import type { Contribution, Plugin } from '@transfuse/core/contracts';
import {
  type LatentPatchImageConfig,
  latentPatchImage,
  linearPatchImage,
  type LinearPatchImageConfig,
} from './patch-image.ts';
import { unetPatchContribution } from '../unet-patch/unet-patch-plugin.ts';
import { pictureSettingsSchema } from './picture-schema.ts';

const { codec, ...pictures } = pictureSettingsSchema;

const linearPatch: Contribution<'continuous-adapter'> = {
  kind: 'continuous-adapter',
  name: 'linear-patch',
  description:
    'Pictures as square patches, of pixels or of an autoencoder’s latents, through one linear layer (the paper’s linear encoder).',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...pictures,
      patchSize: {
        type: 'integer',
        enum: [1, 2, 4, 8],
        default: 8,
        description:
          'Side of a patch in pixels; (width / patchSize) (height / patchSize) tokens per picture. With a codec, in positions of its latent.',
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
    const settings = config as unknown as LinearPatchImageConfig | LatentPatchImageConfig;
    return 'codec' in settings ? latentPatchImage(settings, engine, { assets }) : linearPatchImage(settings);
  },
};

/**
 * The image plugin: `plugins: [image]`, then `modalities: { image: { adapter: 'linear-patch', patchSize: 8 } }`, with an
 * autoencoder `{ adapter: 'linear-patch', size: 256, patchSize: 2, codec: { folder: 'models/vae' } }`, or with several
 * sizes `{ adapter: 'linear-patch', size: [64, { width: 96, height: 48 }] }`.
 */
export const image: Plugin = {
  manifest: {
    name: '@transfuse/adapters/image',
    version: '0.0.0',
    api: '^1.0.0',
    provides: ['continuous-adapter:linear-patch', 'continuous-adapter:unet-patch'],
  },
  contributions: [linearPatch, unetPatchContribution],
};
