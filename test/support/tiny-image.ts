/**
 * The linear patch adapter on 4 x 4 x 3 latents in 2 x 2 patches. Its codec is left out: raw values are latents.
 */
import type { ContinuousAdapter, Latent } from '@transfuse/core/contracts';
import { createGridPatch } from '../../packages/adapters/src/patch/grid-patch.ts';
import { wave } from './tiny-numbers.ts';

const shape = [4, 4, 3] as const;
const size = 48;

/** Creates the adapter; a grid of up to 3 x 3 patches is declared, so that one row and one column are never used. */
export function tinyImage(): ContinuousAdapter<Latent> {
  const patch = createGridPatch({
    patch: [2, 2],
    channels: 3,
    axes: ['rows', 'columns'],
    maximumGrid: [3, 3],
    positions: 'learned',
  });
  return {
    kind: 'continuous',
    modality: 'image',
    defaultLatentShape: shape,
    encode: async (latent) => latent,
    decode: async ({ data }) => ({ shape, data: data.slice() }),
    tokenGrid: patch.tokenGrid,
    parameters: patch.parameters,
    embed: patch.embed,
    predict: (params, hidden, _time, _skips, latentShape) => patch.predict(params, hidden, latentShape),
  };
}

/** A clean picture, decided by a stream number. */
export function tinyPicture(stream: number): Latent {
  return { shape, data: wave(stream, size, 0.9) };
}

/** Noise of a picture's size, decided by a stream number. */
export function tinyNoise(stream: number): Float32Array {
  return wave(stream, size, 1.4);
}
