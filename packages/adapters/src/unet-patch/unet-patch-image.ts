/**
 * The adapter `unet-patch`: pictures, or the latents an autoencoder makes of them, through a U-Net around the
 * transformer (Zhou et al. 2024, section 3). Reading, sizing and encoding of pictures are those of every picture adapter.
 */
import { type ContinuousAdapter, type Engine, TransfuseError } from '@transfuse/core/contracts';
import { type LatentCodecConfig, openLatentCodec } from '../image/latent-codec.ts';
import { createPictureAdapter, type PictureSettings } from '../image/picture-adapter.ts';
import type { PictureCodec } from '../image/picture-codec.ts';
import { createPixelCodec } from '../image/pixel-codec.ts';
import { createUnetPatch, type UnetPatchConfig } from './unet-patch.ts';
import { type UnetPreset, unetPresets, type UnetShapeSettings } from './unet-shape.ts';

/** Settings of the `unet-patch` adapter. */
export interface UnetPatchImageConfig extends PictureSettings, Partial<UnetShapeSettings> {
  /** A shape to begin from; what is written beside it goes before. `patchSize` is 8 where neither says it. */
  readonly preset?: UnetPreset;
  /** Whether learned vectors of a patch's row and column are added to its token; default `learned`. */
  readonly positions?: UnetPatchConfig['positions'];
}

/** Settings of the `unet-patch` adapter on the latents of an autoencoder. */
export interface LatentUnetPatchImageConfig extends UnetPatchImageConfig {
  readonly codec: LatentCodecConfig;
}

/**
 * Creates the `unet-patch` adapter on pixels: a picture of width w and height h is `h / patchSize` rows of `w /
 * patchSize` tokens.
 *
 * @throws `config.invalid` for the settings, `image.unsupported-size` where patches do not fill a size
 *
 * @example
 * ```ts
 * import { unetPatchImage } from '@transfuse/adapters/unet-patch';
 * const pictures = unetPatchImage({ size: 32, patchSize: 8, skips: 'gated' });
 * console.assert(pictures.tokenGrid(pictures.defaultLatentShape).join() === '4,4');
 * ```
 */
export function unetPatchImage(config: UnetPatchImageConfig): ContinuousAdapter {
  return unetImage(createPixelCodec(), config);
}

/**
 * Creates the `unet-patch` adapter on latents. The adapter holds the autoencoder until its `dispose`; the engine stays the
 * caller's. With the `assets` of a checkpoint the autoencoder must be the one that its model was trained on.
 *
 * @throws `checkpoint.not-found`, `checkpoint.invalid`, `tensor-file.malformed` for the codec's folder, `config.invalid`
 *   for its tiling and the other settings, `image.unsupported-size` where the sizes do not divide, `engine.unavailable`
 *   without an engine
 */
export async function latentUnetPatchImage(
  { codec, ...config }: LatentUnetPatchImageConfig,
  engine: Engine | undefined,
  { assets = {} }: { readonly assets?: Readonly<Record<string, Uint8Array>> } = {},
): Promise<ContinuousAdapter> {
  return unetImage(await openLatentCodec(codec, { engine, assets }), config);
}

function unetImage(codec: PictureCodec, config: UnetPatchImageConfig): ContinuousAdapter {
  const { preset, patchSize, widths, blocks, groups, timeWidth, skips, proportion, positions, ...pictures } = config;
  const written = Object.entries({ patchSize, widths, blocks, groups, timeWidth, skips, proportion }).filter(
    ([, value]) => value !== undefined,
  );
  const settings: UnetShapeSettings = {
    patchSize: 8,
    ...(preset !== undefined && unetPresets[preset]),
    ...Object.fromEntries(written),
  };
  return createPictureAdapter(codec, pictures, (shapes) => {
    const side = settings.patchSize;
    for (const [rows, columns] of shapes) {
      if (rows % side !== 0 || columns % side !== 0) throw unsupportedSize({ rows, columns, side }, codec);
    }
    const most = (axis: 0 | 1) => Math.max(...shapes.map((shape) => shape[axis] / side));
    return createUnetPatch({
      ...settings,
      channels: shapes[0]![2],
      maximumGrid: [most(0), most(1)],
      ...(positions !== undefined && { positions }),
    });
  });
}

function unsupportedSize(
  { rows, columns, side }: { readonly rows: number; readonly columns: number; readonly side: number },
  { downscale }: PictureCodec,
): TransfuseError {
  const pixels = `${columns * downscale} x ${rows * downscale}`;
  return new TransfuseError({
    code: 'image.unsupported-size',
    place: 'size',
    found: downscale === 1 ? pixels : `${pixels}, which the codec scales down to ${columns} x ${rows}`,
    expected: `sides that are multiples of ${side * downscale}, so that patches of ${side} fill them`,
    mend: 'Choose another size or patch size.',
  });
}
