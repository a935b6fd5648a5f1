/**
 * The plugin that brings the image modality. Its adapter `linear-patch` works on pixels or, with a codec, on the latents
 * of an autoencoder; the trainable half is the paper's linear patch encoder and decoder either way.
 */
import type { Contribution, Plugin } from '@transfuse/core/contracts';
import {
  type LatentPatchImageConfig,
  latentPatchImage,
  linearPatchImage,
  type LinearPatchImageConfig,
} from './patch-image.ts';

const linearPatch: Contribution<'continuous-adapter'> = {
  kind: 'continuous-adapter',
  name: 'linear-patch',
  description:
    'Pictures as square patches, of pixels or of an autoencoder’s latents, through one linear layer (the paper’s linear encoder).',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      size: {
        type: 'integer',
        minimum: 1,
        maximum: 1024,
        default: 32,
        description: 'Side of the pictures in pixels.',
      },
      patchSize: {
        type: 'integer',
        enum: [1, 2, 4, 8],
        default: 8,
        description:
          'Side of a patch in pixels; (size / patchSize)^2 tokens per picture. With a codec, in positions of its latent.',
      },
      codec: {
        type: 'object',
        additionalProperties: false,
        required: ['folder'],
        description: 'The autoencoder whose latents stand in place of pixels.',
        properties: {
          folder: {
            type: 'string',
            minLength: 1,
            description:
              'Where there is a codec: the autoencoder’s folder, with config.json and safetensors; a relative path begins at the working directory.',
          },
          tiling: {
            description:
              'How the codec takes pictures larger than a tile: whole (`none`), or in overlapping tiles of `size` pixels, neighbours sharing `overlap` of a tile (0 to 0.5).',
            default: 'none',
            anyOf: [
              { const: 'none' },
              {
                type: 'object',
                additionalProperties: false,
                required: ['size', 'overlap'],
                properties: {
                  size: { type: 'integer', minimum: 1, description: 'Side of a tile in pixels.' },
                  overlap: { type: 'number', minimum: 0, maximum: 0.5, description: 'Share of a tile.' },
                },
              },
            ],
          },
        },
      },
    },
  },
  create(config, { engine }) {
    const settings = config as unknown as LinearPatchImageConfig & Partial<LatentPatchImageConfig>;
    const { codec, ...sizes } = settings;
    return codec === undefined ? linearPatchImage(sizes) : latentPatchImage({ ...sizes, codec }, engine);
  },
};

/**
 * The image plugin: `plugins: [image]`, then `modalities: { image: { adapter: 'linear-patch', patchSize: 8 } }`, or with
 * an autoencoder `{ adapter: 'linear-patch', size: 256, patchSize: 2, codec: { folder: 'models/vae' } }`.
 */
export const image: Plugin = {
  manifest: {
    name: '@transfuse/adapters/image',
    version: '0.0.0',
    api: '^1.0.0',
    provides: ['continuous-adapter:linear-patch'],
  },
  contributions: [linearPatch],
};
