/**
 * The plugin that brings the video modality. Its adapter `video-patch` works on pixels or, with a codec, on the latents
 * of an autoencoder of pictures, frame by frame.
 */
import type { Contribution, Plugin } from '@transfuse/core/contracts';
import { pictureSettingsSchema } from '../image/picture-schema.ts';
import { clipEndings } from './frame-timing.ts';
import { type LatentVideoPatchConfig, latentVideoPatch, videoPatch, type VideoPatchConfig } from './video-patch.ts';

const { codec, ...pictures } = pictureSettingsSchema;
const count = { type: 'integer', minimum: 1, maximum: 1024 };

const videoPatchContribution: Contribution<'continuous-adapter'> = {
  kind: 'continuous-adapter',
  name: 'video-patch',
  description:
    'Short clips and stills as boxes in space and time, of pixels or of an autoencoder’s latents, through one linear layer.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      frames: {
        description:
          'How many frames a clip has: 1 or a multiple of `patchSize.frames`, or a list of such; a clip goes to the nearest, a still to 1 where it is listed.',
        default: 8,
        anyOf: [count, { type: 'array', minItems: 1, maxItems: 64, uniqueItems: true, items: count }],
      },
      frameDuration: {
        type: 'integer',
        minimum: 1,
        maximum: 60_000,
        default: 125,
        description: 'How long a frame shows, in milliseconds.',
      },
      ...pictures,
      patchSize: {
        type: 'object',
        additionalProperties: false,
        default: {},
        description: 'What one token spans.',
        properties: {
          frames: { type: 'integer', minimum: 1, maximum: 64, default: 1, description: 'Frames of a patch.' },
          side: {
            type: 'integer',
            minimum: 1,
            maximum: 64,
            default: 8,
            description: 'Side of a patch in pixels. With a codec, in positions of its latent.',
          },
        },
      },
      ending: {
        enum: [...clipEndings],
        default: 'hold',
        description: 'What becomes of a shorter clip: its last frame stays, or it begins again.',
      },
      positions: {
        enum: ['learned', 'none'],
        default: 'learned',
        description: 'Whether learned vectors of a patch’s frame, row and column are added to its token.',
      },
      codec,
    },
  },
  create(config, { engine, assets }) {
    const settings = config as unknown as VideoPatchConfig | LatentVideoPatchConfig;
    return 'codec' in settings ? latentVideoPatch(settings, engine, { assets }) : videoPatch(settings);
  },
};

/**
 * The video plugin: `plugins: [video]`, then `modalities: { video: { adapter: 'video-patch', frames: [8, 1], size: 32 } }`.
 *
 * @example
 * ```ts
 * import { video } from '@transfuse/adapters/video';
 * console.assert(video.manifest.provides.includes('continuous-adapter:video-patch'));
 * ```
 */
export const video: Plugin = {
  manifest: {
    name: '@transfuse/adapters/video',
    version: '0.0.0',
    api: '^1.0.0',
    provides: ['continuous-adapter:video-patch'],
  },
  contributions: [videoPatchContribution],
};
