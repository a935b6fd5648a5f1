/*
 * The JSON schema of the settings that every adapter of pictures has, for the schemas of contributions: sizes, fitting
 * and the codec.
 */
import type { JsonSchema } from '@transfuse/core/contracts';
import { imageFits, imagePositions } from './image-fit.ts';

const side = { type: 'integer', minimum: 1, maximum: 4096 };
const square = { ...side, description: 'Side of a square in pixels.' };
const frame = {
  type: 'object',
  additionalProperties: false,
  required: ['width', 'height'],
  description: 'A width and a height in pixels.',
  properties: { width: side, height: side },
};

/** The properties `size`, `fit`, `position`, `background` and `codec`. */
export const pictureSettingsSchema: Readonly<Record<string, JsonSchema>> = {
  size: {
    description:
      'Size of the pictures in pixels: the side of squares, `{ width, height }`, or a list of such; a picture goes to the one of the nearest proportions.',
    default: 32,
    anyOf: [square, frame, { type: 'array', minItems: 1, maxItems: 64, items: { anyOf: [square, frame] } }],
  },
  fit: {
    enum: [...imageFits],
    default: 'cover',
    description: 'How a picture of other proportions is fitted: cut, with bars beside it, or stretched.',
  },
  position: {
    enum: [...imagePositions],
    default: 'centre',
    description: 'Which part of the picture `cover` keeps.',
  },
  background: {
    type: 'string',
    pattern: '^#[0-9a-fA-F]{6}$',
    default: '#ffffff',
    description: 'Colour under transparent pixels and of the bars of `contain`, as #rrggbb.',
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
};
