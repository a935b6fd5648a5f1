/**
 * The frozen half of a latent image adapter: an autoencoder from a folder, run by an engine. Pixels in, scaled latents
 * out, and back; sizes are compiled as they come; large pictures may be cut into overlapping tiles, as diffusers does.
 */
import { type Engine, type Latent, TransfuseError } from '@transfuse/core/contracts';
import { decodeKl, encodeKl } from './autoencoder-kl.ts';
import { decodeTiny, encodeTiny } from './autoencoder-tiny.ts';
import type { AutoencoderConfig } from './autoencoder-parameters.ts';
import { type CodecFolder, readCodecFolder } from './codec-folder.ts';
import type { ImagePlane } from './image-planes.ts';
import { fromModelLatents, toModelLatents } from './latent-scaling.ts';
import { logVarianceBounds } from './posterior.ts';
import { createSizedFunction } from './sized-functions.ts';
import { blendNeighbours, blendOver } from './tile-blending.ts';
import { tileGrid, type Tiling } from './tile-grid.ts';
import { runTiled } from './tiled-run.ts';

/** Settings of one encoding. */
export interface EncodeOptions {
  /** Stops between tiles, and before the only one, with `generation.aborted`. */
  readonly signal?: AbortSignal;
  /**
   * Unit normal numbers, as many as the latent has, to draw from the posterior; default its mode. An AutoencoderTiny has
   * no posterior, and takes no notice.
   */
  readonly noise?: Float32Array;
}

/** An autoencoder of pictures, ready to use. */
export interface ImageCodec {
  readonly latentChannels: number;
  /** Pixels per latent, along each side. */
  readonly downscale: number;
  /**
   * The latent of a picture of that size, in pixels: `[h, w, latentChannels]`. Throws `image.unsupported-size` for sides
   * that are no multiples of the downscale.
   */
  latentShape(height: number, width: number): readonly [number, number, number];
  /** @param pixels `[H, W, 3]` in [-1, 1] @returns `[h, w, latentChannels]`, scaled as the diffusion model knows it */
  encode(pixels: Latent, options?: EncodeOptions): Promise<Latent>;
  /** @param latent `[h, w, latentChannels]`, scaled @returns `[H, W, 3]`, about in [-1, 1], not clamped */
  decode(latent: Latent): Promise<Latent>;
  /** Releases weights and compiled functions. */
  dispose(): Promise<void>;
}

/** Settings of {@link openImageCodec}. */
export interface OpenImageCodecOptions {
  /** How pictures larger than a tile are cut; default `none`. */
  readonly tiling?: 'none' | Tiling;
}

/**
 * Opens an autoencoder's folder: `config.json` (AutoencoderKL or AutoencoderTiny) and its safetensors, as diffusers
 * writes them. The engine stays the caller's.
 *
 * @throws `checkpoint.not-found`, `checkpoint.invalid` and `tensor-file.malformed` for the folder, `config.invalid` for
 *   the tiling; methods throw `image.unsupported-size`
 */
export async function openImageCodec(
  folder: string,
  engine: Engine,
  options: OpenImageCodecOptions = {},
): Promise<ImageCodec> {
  return createImageCodec(await readCodecFolder(folder), engine, options);
}

/** Pixels per latent, along each side, of an autoencoder. */
export function downscaleOf(config: AutoencoderConfig): number {
  return 2 ** ((config.architecture === 'kl' ? config.blockChannels : config.encoderBlocks).length - 1);
}

/**
 * The codec of an autoencoder that was read, or trained, before; its arrays are copied into the engine, which stays the
 * caller's. Throws `config.invalid` for the tiling.
 */
export function createImageCodec(
  content: CodecFolder,
  engine: Engine,
  { tiling = 'none' }: OpenImageCodecOptions = {},
): ImageCodec {
  const { config } = content;
  const { latentChannels, scaling } = config;
  const downscale = downscaleOf(config);
  const grid = tiling === 'none' ? undefined : tileGrid(tiling, downscale);
  const stores = storesOf(content, engine);
  const blend = config.architecture === 'kl' ? blendNeighbours : blendOver;
  const encoder = createSizedFunction(engine, 'image encoder', stores.encoder, (params, pixels) =>
    config.architecture === 'kl' ? encodeKl(params, config, pixels) : encodeTiny(params, config, pixels),
  );
  const decoder = createSizedFunction(engine, 'image decoder', stores.decoder, (params, latents) =>
    config.architecture === 'kl' ? decodeKl(params, config, latents) : decodeTiny(params, config, latents),
  );

  const latentShape = (height: number, width: number): readonly [number, number, number] => {
    const fits = [height, width].every((side) => side > 0 && Number.isInteger(side / downscale));
    if (fits) return [height / downscale, width / downscale, latentChannels];
    throw unsupportedSize('picture', `${width} x ${height} pixels`, `sides that are multiples of ${downscale}`);
  };
  return {
    latentChannels,
    downscale,
    latentShape,
    async encode(pixels, { signal, noise } = {}) {
      const image = asPlane(pixels, 3, 'picture');
      const shape = latentShape(image.height, image.width);
      const size = shape[0] * shape[1] * latentChannels;
      if (noise !== undefined && noise.length !== size) {
        throw unsupportedSize('noise', `${noise.length} numbers`, `${size}, as many as the latent has`);
      }
      const encoded = await runTiled(encoder, image, { grid, from: downscale, to: 1, blend, signal });
      const own = config.architecture === 'kl' ? drawFromMoments(encoded, noise) : encoded.data;
      return { shape, data: toModelLatents(scaling, own) };
    },
    async decode(latent) {
      const image = asPlane(latent, latentChannels, 'latent');
      const own = { ...image, data: fromModelLatents(scaling, image.data) };
      const { height, width, channels, data } = await runTiled(decoder, own, { grid, from: 1, to: downscale, blend });
      return { shape: [height, width, channels], data };
    },
    async dispose() {
      await Promise.all([encoder.dispose(), decoder.dispose()]);
    },
  };
}

/** Gives the engine the two halves of the weights. */
function storesOf({ weights }: CodecFolder, engine: Engine) {
  const part = (names: RegExp) =>
    engine.createStore(Object.fromEntries(Object.entries(weights).filter(([name]) => names.test(name))));
  return { encoder: part(/^(encoder|quant_conv)\./), decoder: part(/^(decoder|post_quant_conv)\./) };
}

/** The mode of the posterior, or a draw from it. @param moments `[h, w, 2 C]` @returns `[h, w, C]` */
function drawFromMoments({ data, channels }: ImagePlane, noise: Float32Array | undefined): Float32Array {
  const latentChannels = channels / 2;
  const [low, high] = logVarianceBounds;
  return Float32Array.from({ length: data.length / 2 }, (_, index) => {
    const at = Math.floor(index / latentChannels) * channels + (index % latentChannels);
    if (noise === undefined) return data[at]!;
    const logVariance = Math.min(high, Math.max(low, data[at + latentChannels]!));
    return data[at]! + Math.exp(logVariance / 2) * noise[index]!;
  });
}

function asPlane({ data, shape }: Latent, depth: number, what: string): ImagePlane {
  const [height = 0, width = 0, channels] = shape;
  const fits = shape.length === 3 && height > 0 && width > 0 && channels === depth;
  if (fits && data.length === height * width * depth) return { height, width, channels, data };
  const found = `shape [${shape.join(', ')}] with ${data.length} numbers`;
  throw unsupportedSize(what, found, `[height, width, ${depth}] and as many numbers`);
}

function unsupportedSize(place: string, found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'image.unsupported-size',
    place,
    found,
    expected,
    mend: 'Crop or resize the picture, or use the latents of this very codec.',
  });
}
