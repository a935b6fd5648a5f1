/**
 * The U-Net patch adapter (Zhou et al. 2024, section 3): the way down of a diffusion U-Net makes one vector of each patch of a noisy
 * latent, the transformer stands where the U-Net has its middle, and the way up makes a prediction of hidden states and of
 * what the way down kept. These are pure functions; pictures and their codecs are the business of the files beside.
 */
import { add, type Tensor } from '@tensorflow/tfjs-core';
import { type ContinuousAdapter, type NamedTensors, TransfuseError } from '@transfuse/core/contracts';
import { timeEmbedding, timeParameters } from './time-embedding.ts';
import { positionParameters, tokenPositions } from './token-positions.ts';
import { downParameters, unetDown } from './unet-down.ts';
import { type UnetShapeSettings, unetShape } from './unet-shape.ts';
import { unetUp, upParameters } from './unet-up.ts';

/** What a U-Net patch adapter is made from. */
export interface UnetPatchConfig extends UnetShapeSettings {
  /** Channels of the latent: 3 for pixels, those of the codec otherwise. */
  readonly channels: number;
  /** Largest number of patches along each side. */
  readonly maximumGrid: readonly [rows: number, columns: number];
  /** Whether learned vectors of a patch's row and column are added to its token; default `learned`. */
  readonly positions?: 'learned' | 'none';
}

/** The half of a U-Net patch adapter that learns. */
export interface UnetPatch extends Pick<ContinuousAdapter, 'parameters' | 'embed' | 'predict'> {
  /** Rows and columns of patches in a latent `[H, W, C]`. Throws `latent.unsupported-shape`. */
  tokenGrid(latentShape: readonly number[]): readonly [rows: number, columns: number];
}

/**
 * Creates the adapter's pure functions. The skips of `embed` are `noisy`, the latent itself, and `level.0`, `level.1` … , the maps of each
 * resolution above that of the tokens, finest first.
 *
 * @throws `config.invalid` for the shape
 *
 * @example
 * ```ts
 * import { createUnetPatch } from '@transfuse/adapters/unet-patch';
 * const patch = createUnetPatch({ patchSize: 8, channels: 3, maximumGrid: [4, 4] });
 * console.assert(patch.tokenGrid([32, 32, 3]).join() === '4,4');
 * console.assert(patch.parameters(192)['down.output.weight']?.shape.join() === '192,192');
 * ```
 */
export function createUnetPatch(config: UnetPatchConfig): UnetPatch {
  const { channels, maximumGrid, positions = 'learned', ...settings } = config;
  const shape = unetShape(settings);
  const { patchSize, timeWidth, skips: policy, widths } = shape;
  const levels = Array.from({ length: widths.length - 1 }, (_, level) => `level.${level}`);

  const tokenGrid = (latentShape: readonly number[]): readonly [number, number] => {
    const [height = 0, width = 0, depth] = latentShape;
    const grid = [height / patchSize, width / patchSize] as const;
    const fits = grid.every((side, axis) => Number.isInteger(side) && side > 0 && side <= maximumGrid[axis]!);
    if (fits && depth === channels && latentShape.length === 3) return grid;
    throw unsupported(latentShape, config);
  };

  return {
    tokenGrid,
    parameters: (modelWidth) => ({
      ...timeParameters(timeWidth),
      ...downParameters(shape, { channels, modelWidth }),
      ...(positions === 'learned' && positionParameters(maximumGrid, modelWidth)),
      ...upParameters(shape, { channels, modelWidth }),
    }),
    embed(params, noisy, time) {
      const grid = tokenGrid(noisy.shape.slice(1));
      const { tokens, maps } = unetDown(params, shape, { noisy, time, embedding: timeEmbedding(params, time) });
      const around = policy === 'none' ? [] : maps.map((map, level) => [levels[level]!, map] as const);
      return {
        tokens: positions === 'learned' ? add(tokens, tokenPositions(params, grid)) : tokens,
        skips: { noisy, ...(Object.fromEntries(around) as NamedTensors) },
      };
    },
    predict(params: NamedTensors, hidden: Tensor, time: Tensor, skips: NamedTensors, latentShape: readonly number[]) {
      return unetUp(params, shape, {
        hidden,
        grid: tokenGrid(latentShape),
        time,
        embedding: timeEmbedding(params, time),
        noisy: skips['noisy']!,
        maps: policy === 'none' ? [] : levels.map((level) => skips[level]!),
      });
    },
  };
}

function unsupported(latentShape: readonly number[], { patchSize, channels, maximumGrid }: UnetPatchConfig) {
  const [height, width] = maximumGrid.map((side) => side * patchSize);
  return new TransfuseError({
    code: 'latent.unsupported-shape',
    place: 'latent',
    found: `shape [${latentShape.join(', ')}]`,
    expected: `[H, W, ${channels}], sides multiples of ${patchSize} up to ${height} and ${width}`,
    mend: 'Bring the picture to another size, or choose another patch size.',
  });
}
