/**
 * The adapter `linear-patch` (Zhou et al. 2024, section 3): a picture is encoded by a codec that does not learn, either
 * to its own pixels or to the latents of an autoencoder, and the latent is cut into square patches, one token each.
 */
import { type ContinuousAdapter, type Engine, type RawImage, TransfuseError } from '@transfuse/core/contracts';
import { type LatentCodecConfig, openLatentCodec } from './latent-codec.ts';
import { createLinearPatch, type LinearPatchConfig } from './linear-patch.ts';
import type { PictureCodec } from './picture-codec.ts';
import { createPixelCodec } from './pixel-codec.ts';
import { RasterImage } from './raster-image.ts';

/** What an image segment may hold: a picture in memory, or a file to read. */
export type ImageSource = RawImage | string | Uint8Array;

/** Settings of the `linear-patch` adapter. */
export interface LinearPatchImageConfig {
  /** Side of the pictures in pixels; others are cropped to the middle and resized. */
  readonly size: number;
  /** Side of a patch in positions of the latent: in pixels where there is no codec. */
  readonly patchSize: LinearPatchConfig['patchSize'];
}

/** Settings of the `linear-patch` adapter on the latents of an autoencoder. */
export interface LatentPatchImageConfig extends LinearPatchImageConfig {
  readonly codec: LatentCodecConfig;
}

/**
 * Creates the `linear-patch` adapter on pixels: pictures of `size` pixels as `(size / patchSize)^2` tokens. Throws
 * `image.unsupported-size` where patches do not fill the picture.
 */
export function linearPatchImage({ size, patchSize }: LinearPatchImageConfig): ContinuousAdapter {
  return patchImage(createPixelCodec(size), { size, patchSize });
}

/**
 * Creates the `linear-patch` adapter on latents: pictures of `size` pixels, which the autoencoder scales down by some
 * factor f, as `(size / f / patchSize)^2` tokens. The adapter holds the autoencoder until its `dispose`; the engine stays
 * the caller's.
 *
 * @throws `checkpoint.not-found`, `checkpoint.invalid`, `tensor-file.malformed` for the codec's folder, `config.invalid`
 *   for its tiling, `image.unsupported-size` where the sizes do not divide, `engine.unavailable` without an engine
 */
export async function latentPatchImage(
  { size, patchSize, codec }: LatentPatchImageConfig,
  engine: Engine | undefined,
): Promise<ContinuousAdapter> {
  return patchImage(await openLatentCodec(codec, { size, engine }), { size, patchSize });
}

function patchImage(codec: PictureCodec, { size, patchSize }: LinearPatchImageConfig): ContinuousAdapter {
  const [side, , channels] = codec.latentShape;
  if (side % patchSize !== 0) throw unsupportedSize({ size, side, patchSize });
  const patch = createLinearPatch({ patchSize, channels, maximumGrid: side / patchSize });
  return {
    kind: 'continuous',
    modality: 'image',
    defaultLatentShape: codec.latentShape,
    async encode(raw, options) {
      const image = await toRaster(raw as ImageSource);
      const fits = image.width === size && image.height === size;
      return codec.encode(fits ? image : await image.resize({ width: size, height: size }), options);
    },
    decode: async (latent) => RasterImage.from(await codec.decode(latent)),
    tokenGrid: patch.tokenGrid,
    parameters: patch.parameters,
    embed: patch.embed,
    predict: (params, hidden, _time, _skips, latentShape) => patch.predict(params, hidden, latentShape),
    dispose: () => codec.dispose(),
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

function unsupportedSize(sizes: { readonly size: number; readonly side: number; readonly patchSize: number }) {
  const { size, side, patchSize } = sizes;
  return new TransfuseError({
    code: 'image.unsupported-size',
    place: 'size',
    found: side === size ? String(size) : `${size}, which the codec scales down to ${side}`,
    expected: side === size ? `a multiple of the patch size ${patchSize}` : `a latent in patches of ${patchSize}`,
    mend: 'Choose another size or patch size.',
  });
}
