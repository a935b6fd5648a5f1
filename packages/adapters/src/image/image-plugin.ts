/**
 * The plugin that brings the image modality. Its adapter `linear-patch` works on pixels: the codec half scales bytes to
 * [-1, 1], the trainable half is the paper's linear patch encoder and decoder.
 */
import {
  type ContinuousAdapter,
  type Contribution,
  type Plugin,
  type RawImage,
  TransfuseError,
} from '@transfuse/core/contracts';
import { createLinearPatch, type LinearPatchConfig } from './linear-patch.ts';
import { decodePixels, encodePixels } from './pixel-codec.ts';
import { RasterImage } from './raster-image.ts';

/** What an image segment may hold: a picture in memory, or a file to read. */
export type ImageSource = RawImage | string | Uint8Array;

/** Settings of the `linear-patch` adapter. */
export interface LinearPatchImageConfig {
  /** Side of the pictures in pixels; others are cropped to the middle and resized. */
  readonly size: number;
  readonly patchSize: LinearPatchConfig['patchSize'];
}

/** Creates the `linear-patch` adapter: pictures of `size` pixels as `(size / patchSize)^2` tokens. */
export function linearPatchImage({ size, patchSize }: LinearPatchImageConfig): ContinuousAdapter {
  if (size % patchSize !== 0) {
    throw new TransfuseError({
      code: 'image.unsupported-size',
      place: 'size',
      found: String(size),
      expected: `a multiple of the patch size ${patchSize}`,
      mend: 'Choose another size or patch size.',
    });
  }
  const patch = createLinearPatch({ patchSize, channels: 3, maximumGrid: size / patchSize });
  return {
    kind: 'continuous',
    modality: 'image',
    defaultLatentShape: [size, size, 3],
    async encode(raw) {
      const image = await toRaster(raw as ImageSource);
      const fits = image.width === size && image.height === size;
      return encodePixels(fits ? image : await image.resize({ width: size, height: size }));
    },
    decode: async (latent) => RasterImage.from(decodePixels(latent)),
    tokenGrid: patch.tokenGrid,
    parameters: patch.parameters,
    embed: patch.embed,
    predict: (params, hidden, _time, _skips, latentShape) => patch.predict(params, hidden, latentShape),
  };
}

async function toRaster(source: ImageSource): Promise<RasterImage> {
  if (typeof source === 'string' || source instanceof Uint8Array) return RasterImage.read(source);
  if (typeof source === 'object' && source !== null && 'data' in source) return RasterImage.from(source);
  throw new TransfuseError({
    code: 'image.undecodable',
    place: 'image segment',
    found: String(source),
    expected: 'a picture { width, height, data }, a path, or the bytes of an image file',
    mend: 'Pass what the image adapter can read.',
  });
}

const linearPatch: Contribution<'continuous-adapter'> = {
  kind: 'continuous-adapter',
  name: 'linear-patch',
  description: 'Pictures as square patches of pixels through one linear layer (the paper’s linear encoder).',
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
        description: 'Side of a patch in pixels; (size / patchSize)^2 tokens per picture.',
      },
    },
  },
  create: (config) => linearPatchImage(config as unknown as LinearPatchImageConfig),
};

/** The image plugin: `plugins: [image]`, then `modalities: { image: { adapter: 'linear-patch', patchSize: 8 } }`. */
export const image: Plugin = {
  manifest: {
    name: '@transfuse/adapters/image',
    version: '0.0.0',
    api: '^1.0.0',
    provides: ['continuous-adapter:linear-patch'],
  },
  contributions: [linearPatch],
};
