/**
 * The adapter `linear-patch` (Zhou et al. 2024, section 3): a picture is encoded by a codec that does not learn, either
 * to its own pixels or to the latents of an autoencoder, and the latent is cut into square patches, one token each.
 */
import { type ContinuousAdapter, type Engine, TransfuseError } from '@transfuse/core/contracts';
import { createGridPatch, type GridPatchConfig } from '../patch/grid-patch.ts';
import { type LatentCodecConfig, openLatentCodec } from './latent-codec.ts';
import { createPictureAdapter, type PictureSettings } from './picture-adapter.ts';
import type { PictureCodec } from './picture-codec.ts';
import { createPixelCodec } from './pixel-codec.ts';

/** Settings of the `linear-patch` adapter. */
export interface LinearPatchImageConfig extends PictureSettings {
  /** Side of a patch in positions of the latent: in pixels where there is no codec. */
  readonly patchSize: 1 | 2 | 4 | 8;
  /**
   * Whether learned vectors of a patch's row and column are added to its token; default `learned`. There are as many as
   * the tallest and the widest size have rows and columns, so sizes share them from the top left corner on.
   */
  readonly positions?: GridPatchConfig['positions'];
}

/** Settings of the `linear-patch` adapter on the latents of an autoencoder. */
export interface LatentPatchImageConfig extends LinearPatchImageConfig {
  readonly codec: LatentCodecConfig;
}

/**
 * Creates the `linear-patch` adapter on pixels: a picture of width w and height h is `h / patchSize` rows of `w /
 * patchSize` tokens.
 *
 * @throws `config.invalid` for the settings, `image.unsupported-size` where patches do not fill a size
 *
 * @example
 * ```ts
 * import { linearPatchImage } from '@transfuse/adapters/image';
 * const pictures = linearPatchImage({ size: [32, { width: 48, height: 24 }], patchSize: 8 });
 * const wide = { width: 640, height: 360, data: new Uint8Array(640 * 360 * 3) };
 * console.assert((await pictures.encode(wide)).shape.join() === '24,48,3');
 * console.assert(pictures.tokenGrid([24, 48, 3]).join() === '3,6');
 * ```
 */
export function linearPatchImage(config: LinearPatchImageConfig): ContinuousAdapter {
  return patchImage(createPixelCodec(), config);
}

/**
 * Creates the `linear-patch` adapter on latents: the autoencoder scales pictures down by some factor f, and patches are
 * cut from that, `h / f / patchSize` rows of `w / f / patchSize` tokens. The adapter holds the autoencoder until its
 * `dispose`; the engine stays the caller's. With the `assets` of a checkpoint the autoencoder must be the one that its
 * model was trained on.
 *
 * @throws `checkpoint.not-found`, `checkpoint.invalid`, `tensor-file.malformed` for the codec's folder, `config.invalid`
 *   for its tiling and the other settings, `image.unsupported-size` where the sizes do not divide, `engine.unavailable`
 *   without an engine
 */
export async function latentPatchImage(
  { codec, ...config }: LatentPatchImageConfig,
  engine: Engine | undefined,
  { assets = {} }: { readonly assets?: Readonly<Record<string, Uint8Array>> } = {},
): Promise<ContinuousAdapter> {
  return patchImage(await openLatentCodec(codec, { engine, assets }), config);
}

function patchImage(codec: PictureCodec, config: LinearPatchImageConfig): ContinuousAdapter {
  const { patchSize, positions = 'learned', ...pictures } = config;
  return createPictureAdapter(codec, pictures, (shapes) => {
    for (const [rows, columns] of shapes) {
      if (rows % patchSize !== 0 || columns % patchSize !== 0) {
        throw unsupportedSize({ rows, columns, patchSize, downscale: codec.downscale });
      }
    }
    const patch = createGridPatch({
      patch: [patchSize, patchSize],
      channels: shapes[0]![2],
      axes: ['rows', 'columns'],
      maximumGrid: [0, 1].map((axis) => Math.max(...shapes.map((shape) => shape[axis]! / patchSize))),
      positions,
    });
    return { ...patch, predict: (params, hidden, _time, _skips, shape) => patch.predict(params, hidden, shape) };
  });
}

function unsupportedSize(found: {
  readonly rows: number;
  readonly columns: number;
  readonly patchSize: number;
  readonly downscale: number;
}): TransfuseError {
  const { rows, columns, patchSize, downscale } = found;
  const pixels = `${columns * downscale} x ${rows * downscale}`;
  return new TransfuseError({
    code: 'image.unsupported-size',
    place: 'size',
    found: downscale === 1 ? pixels : `${pixels}, which the codec scales down to ${columns} x ${rows}`,
    expected: `sides that are multiples of ${patchSize * downscale}, so that patches of ${patchSize} fill them`,
    mend: 'Choose another size or patch size.',
  });
}
