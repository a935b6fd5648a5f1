import { tensor } from '@tensorflow/tfjs-core';
import { createEagerEngine } from '@transfuse/core/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromPatches, toPatches } from './patch-layout.ts';

await createEagerEngine(); // brings the backend that the numbers lie in

const axis = fc.record({ count: fc.integer({ min: 1, max: 3 }), side: fc.integer({ min: 1, max: 3 }) });
const layouts = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
  channels: fc.integer({ min: 1, max: 2 }),
});

const sizeOf = (sizes: readonly number[]) => sizes.reduce((total, size) => total * size, 1);

/** The index of a place in an array of this shape, row-major. */
const indexOf = (place: readonly number[], shape: readonly number[]) =>
  shape.reduce((index, size, at) => index * size + place[at]!, 0);

describe('the layout of patches', () => {
  it('is patches in raster order, and in each its numbers in raster order, at any rank', () => {
    fc.assert(
      fc.property(layouts, ({ batch, axes, channels }) => {
        const [grid, patch] = [axes.map(({ count }) => count), axes.map(({ side }) => side)];
        const shape = [batch, ...axes.map(({ count, side }) => count * side), channels];
        const latent = tensor(
          Float32Array.from({ length: sizeOf(shape) }, (_, index) => index),
          shape,
        );
        const patches = toPatches(latent, { grid, patch, channels });
        const vector = sizeOf(patch) * channels;
        expect(patches.shape).toEqual([batch, sizeOf(grid), vector]);
        const found = patches.dataSync();
        for (let index = 0; index < latent.size; index++) {
          let rest = index;
          const place = shape
            .toReversed()
            .map((size) => {
              const along = rest % size;
              rest = (rest - along) / size;
              return along;
            })
            .toReversed(); // [batch, ...space, channel]
          const space = place.slice(1, -1);
          const token = indexOf(
            space.map((along, at) => Math.floor(along / patch[at]!)),
            grid,
          );
          const within = indexOf(
            [...space.map((along, at) => along % patch[at]!), place.at(-1)!],
            [...patch, channels],
          );
          expect(found[(place[0]! * sizeOf(grid) + token) * vector + within]).toBe(index);
        }
        const whole = fromPatches(patches, { grid, patch, channels });
        expect(whole.shape).toEqual(shape);
        expect(whole.dataSync()).toEqual(latent.dataSync());
      }),
      { numRuns: 60 },
    );
  });
});
