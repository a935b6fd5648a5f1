/**
 * The codec of models that work on the latents of an autoencoder (Rombach et al. 2022): a picture is a small grid of
 * vectors, and the model is asked for those. The folder is read and checked at once; the engine gets the weights when
 * the first picture is encoded or decoded, so that a model can be looked at on a machine where no engine runs.
 */
import { resolve } from 'node:path';
import { type Engine, TransfuseError } from '@transfuse/core/contracts';
import { checkCodecAssets, codecAssets } from '../vae/codec-fingerprint.ts';
import { readCodecFolder } from '../vae/codec-folder.ts';
import { createImageCodec, downscaleOf, type ImageCodec } from '../vae/image-codec.ts';
import { tileGrid, type Tiling } from '../vae/tile-grid.ts';
import { type ImageSize, writtenSize } from './image-sizes.ts';
import type { PictureCodec } from './picture-codec.ts';
import { decodePixels, encodePixels } from './pixel-codec.ts';

/** Which autoencoder, and how it is used. */
export interface LatentCodecConfig {
  /** The autoencoder's folder, as diffusers or `transfuse train-codec` writes it; a relative path begins at the working directory. */
  readonly folder: string;
  /** How pictures larger than a tile are cut; default `none`. */
  readonly tiling?: 'none' | Tiling;
}

/**
 * Opens an autoencoder's folder: latents are the mode of the posterior, scaled by the factors in the folder's
 * `config.json`. Pictures may be of any size that the autoencoder scales down to whole positions. With the `assets` of a
 * checkpoint, the autoencoder must be the one that its model was trained on.
 *
 * @throws `checkpoint.not-found`, `checkpoint.invalid`, `tensor-file.malformed` for the folder, `config.invalid` for the
 *   tiling, `engine.unavailable` without an engine
 */
export async function openLatentCodec(
  { folder, tiling = 'none' }: LatentCodecConfig,
  {
    engine,
    assets = {},
    modality = 'image',
  }: {
    readonly engine: Engine | undefined;
    readonly assets?: Readonly<Record<string, Uint8Array>>;
    /** Whose codec it is, for the names of assets; default `image`. */
    readonly modality?: string;
  },
): Promise<PictureCodec> {
  if (engine === undefined) throw withoutEngine(folder);
  const content = await readCodecFolder(resolve(folder));
  const { fingerprint } = content;
  checkCodecAssets(assets, { modality, folder, fingerprint });
  const downscale = downscaleOf(content.config);
  if (tiling !== 'none') tileGrid(tiling, downscale);
  // The content until it is needed, then the codec, in the end nothing.
  let state: { readonly content: typeof content } | { readonly codec: ImageCodec } | undefined = { content };
  const ready = (): ImageCodec => {
    if (state === undefined) throw disposedCodec(folder);
    const codec = 'codec' in state ? state.codec : createImageCodec(state.content, engine, { tiling });
    state = { codec };
    return codec;
  };
  return {
    downscale,
    latentShape(size) {
      const { width, height } = size;
      if (width % downscale !== 0 || height % downscale !== 0) throw unsupportedSize(size, downscale);
      return [height / downscale, width / downscale, content.config.latentChannels];
    },
    encode: async (picture, options) => ready().encode(encodePixels(picture), options),
    decode: async (latent) => decodePixels(await ready().decode(latent)),
    assets: () => codecAssets(modality, fingerprint),
    async dispose() {
      const last = state;
      state = undefined;
      if (last !== undefined && 'codec' in last) await last.codec.dispose();
    },
  };
}

function withoutEngine(folder: string): TransfuseError {
  return new TransfuseError({
    code: 'engine.unavailable',
    place: `codec ${folder}`,
    found: 'no engine',
    expected: 'the engine that is to run the autoencoder',
    mend: 'Create the adapter through a host, or pass an engine.',
  });
}

function unsupportedSize(size: ImageSize, downscale: number): TransfuseError {
  return new TransfuseError({
    code: 'image.unsupported-size',
    place: 'size',
    found: writtenSize(size),
    expected: `sides that are multiples of ${downscale}, by which the codec scales down`,
    mend: 'Choose another size, or another codec.',
  });
}

function disposedCodec(folder: string): TransfuseError {
  return new TransfuseError({
    code: 'host.disposed',
    place: `codec ${folder}`,
    found: 'a call after dispose()',
    expected: 'a live adapter',
    mend: 'Dispose of the model later, or load it again.',
  });
}
