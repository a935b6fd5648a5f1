/**
 * The codec of models that work on the latents of an autoencoder (Rombach et al. 2022): a picture is a small grid of
 * vectors, and the model is asked for those. The folder is read and checked at once; the engine gets the weights when
 * the first picture is encoded or decoded, so that a model can be looked at on a machine where no engine runs.
 */
import { resolve } from 'node:path';
import { type Engine, TransfuseError } from '@transfuse/core/contracts';
import { readCodecFolder } from '../vae/codec-folder.ts';
import { createImageCodec, downscaleOf, type ImageCodec } from '../vae/image-codec.ts';
import { tileGrid, type Tiling } from '../vae/tile-grid.ts';
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
 * Opens an autoencoder's folder for pictures of `size` pixels: latents are the mode of the posterior, scaled by the
 * factors in the folder's `config.json`.
 *
 * @throws `checkpoint.not-found`, `checkpoint.invalid`, `tensor-file.malformed` for the folder, `config.invalid` for the
 *   tiling, `image.unsupported-size` for a size the autoencoder cannot scale down, `engine.unavailable` without an engine
 */
export async function openLatentCodec(
  { folder, tiling = 'none' }: LatentCodecConfig,
  { size, engine }: { readonly size: number; readonly engine: Engine | undefined },
): Promise<PictureCodec> {
  if (engine === undefined) throw withoutEngine(folder);
  const content = await readCodecFolder(resolve(folder));
  const downscale = downscaleOf(content.config);
  if (size % downscale !== 0) throw unsupportedSize(size, downscale);
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
    latentShape: [size / downscale, size / downscale, content.config.latentChannels],
    encode: async (picture, options) => ready().encode(encodePixels(picture), options),
    decode: async (latent) => decodePixels(await ready().decode(latent)),
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

function unsupportedSize(size: number, downscale: number): TransfuseError {
  return new TransfuseError({
    code: 'image.unsupported-size',
    place: 'size',
    found: String(size),
    expected: `a multiple of ${downscale}, by which the codec scales down`,
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
