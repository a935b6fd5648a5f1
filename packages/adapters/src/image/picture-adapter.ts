/**
 * What every adapter of pictures shares: reading a picture from wherever it comes, bringing it to the size it is nearest
 * to among those the model knows, and its way through a codec that does not learn. The half that learns is put in: it
 * gets the latent shapes there will be, and returns its pure functions.
 */
import { type ContinuousAdapter, type RawImage, TransfuseError } from '@transfuse/core/contracts';
import { checkedFit, type FitOptions } from './image-fit.ts';
import { type ImageSizes, imageSizeList, nearestImageSize, writtenSize } from './image-sizes.ts';
import type { PictureCodec, PictureLatentShape } from './picture-codec.ts';
import { RasterImage } from './raster-image.ts';

/** What an image segment may hold: a picture in memory, or a file to read, by its path or its bytes. */
export type ImageSource = RawImage | string | Uint8Array;

/** Settings of pictures, whatever learns from them. */
export interface PictureSettings extends FitOptions {
  /**
   * Size of the pictures in pixels: the side of squares, `{ width, height }`, or a list of such, the first of which is
   * the one used where nothing else decides. A picture goes to the size of the nearest proportions (by the logarithm of
   * width over height), among equals to the largest that has no more pixels than it, and where all have more to the
   * smallest.
   */
  readonly size: ImageSizes;
}

/** The half of a picture adapter that learns. */
export type TrainableHalf = Pick<ContinuousAdapter, 'tokenGrid' | 'parameters' | 'embed' | 'predict'>;

/**
 * Puts an adapter of pictures together; it disposes of the codec.
 *
 * @param trainable makes the half that learns, for latents of these shapes and no others
 * @throws `config.invalid` for the settings, and where two sizes have one grid of tokens; `image.unsupported-size` for a
 *   size that the codec cannot scale down; whatever `trainable` throws
 */
export function createPictureAdapter(
  codec: PictureCodec,
  settings: PictureSettings,
  trainable: (shapes: readonly PictureLatentShape[]) => TrainableHalf,
): ContinuousAdapter {
  const { size, ...options } = settings;
  const sizes = imageSizeList(size);
  const fit = checkedFit(options);
  const shapes = sizes.map((one) => codec.latentShape(one));
  const half = trainable(shapes);
  insistDistinctGrids(shapes.map((shape) => half.tokenGrid(shape)));
  return {
    kind: 'continuous',
    modality: 'image',
    defaultLatentShape: shapes[0]!,
    ...(shapes.length > 1 && { latentShapes: shapes }),
    latentShape(asked) {
      const index = sizes.findIndex(({ width, height }) => asked['width'] === width && asked['height'] === height);
      if (index >= 0 && Object.keys(asked).length === 2) return shapes[index]!;
      throw new TransfuseError({
        code: 'generation.invalid-option',
        place: 'size of an image',
        found: JSON.stringify(asked),
        expected: `{ width, height } of one of the sizes ${sizes.map(writtenSize).join(', ')}`,
        mend: 'Ask for one of these, and resize the picture that comes of it.',
      });
    },
    async encode(raw, { signal } = {}) {
      const picture = await toRaster(raw, fit.background);
      const sized = await picture.resize(nearestImageSize(sizes, picture), fit);
      return codec.encode(sized, signal === undefined ? {} : { signal });
    },
    decode: async (latent) => RasterImage.from(await codec.decode(latent)),
    tokenGrid: half.tokenGrid,
    parameters: half.parameters,
    embed: half.embed,
    predict: half.predict,
    assets: () => codec.assets?.() ?? {},
    dispose: () => codec.dispose(),
  };
}

/** Blocks are told apart by their grids alone. */
function insistDistinctGrids(grids: readonly (readonly number[])[]): void {
  for (const [index, grid] of grids.entries()) {
    const first = grids.findIndex((other) => other.join() === grid.join());
    if (first === index) continue;
    throw new TransfuseError({
      code: 'config.invalid',
      place: `size[${index}]`,
      found: `${grid.join(' x ')} tokens, as size[${first}] has`,
      expected: 'another grid of tokens for each size',
      mend: 'Leave one of the two out, or make patches smaller.',
    });
  }
}

async function toRaster(source: unknown, background: string): Promise<RasterImage> {
  if (typeof source === 'string' || source instanceof Uint8Array) return RasterImage.read(source, { background });
  if (typeof source === 'object' && source !== null && 'data' in source) return RasterImage.from(source as RawImage);
  throw new TransfuseError({
    code: 'image.undecodable',
    place: 'image segment',
    found: String(source),
    expected: 'a picture { width, height, data }, a path, or the bytes of an image file',
    mend: 'Pass what the image adapter can read.',
  });
}
