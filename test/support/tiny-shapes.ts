/**
 * Models over blocks of several shapes, small enough to be compared number by number: pictures upright, square and wide,
 * and sounds of two lengths. Codecs are left out: raw values are latents.
 */
import type { ContinuousAdapter, Latent } from '@transfuse/core/contracts';
import { createGridPatch } from '../../packages/adapters/src/patch/grid-patch.ts';
import { sizeOf, wave } from './tiny-numbers.ts';

/** Latent shapes of the pictures; the default is square. */
export const pictureShapes = [
  [4, 4, 3],
  [4, 6, 3],
  [6, 2, 3],
] as const;

/** Latent shapes of the sounds. */
export const soundShapes = [
  [3, 2],
  [5, 2],
] as const;

/** Pictures of several sizes in 2 x 2 patches. */
export function shapelyPictures(): ContinuousAdapter<Latent> {
  const patch = createGridPatch({
    patch: [2, 2],
    channels: 3,
    axes: ['rows', 'columns'],
    maximumGrid: [3, 3],
    positions: 'learned',
  });
  return shapely('image', pictureShapes, patch, ({ width = 0, height = 0 }) => [height, width, 3]);
}

/** Sounds of several lengths, one token for each of their moments. */
export function shapelySounds(): ContinuousAdapter<Latent> {
  const patch = createGridPatch({
    patch: [1],
    channels: 2,
    axes: ['moments'],
    maximumGrid: [5],
    positions: 'none',
  });
  return shapely('sound', soundShapes, patch, ({ moments = 0 }) => [moments, 2]);
}

function shapely(
  modality: string,
  shapes: readonly (readonly number[])[],
  patch: ReturnType<typeof createGridPatch>,
  latentShape: NonNullable<ContinuousAdapter['latentShape']>,
): ContinuousAdapter<Latent> {
  return {
    kind: 'continuous',
    modality,
    defaultLatentShape: shapes[0]!,
    latentShapes: shapes,
    latentShape,
    encode: async (latent) => latent,
    decode: async ({ data, shape }) => ({ shape, data: data.slice() }),
    tokenGrid: patch.tokenGrid,
    parameters: patch.parameters,
    embed: patch.embed,
    predict: (params, hidden, _time, _skips, shape) => patch.predict(params, hidden, shape),
  };
}

/** A clean latent of a shape, decided by a stream number. */
export function latentOf(stream: number, shape: readonly number[]): Latent {
  return { shape, data: wave(stream, sizeOf(shape), 0.9) };
}
