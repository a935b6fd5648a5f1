import { readFileSync } from 'node:fs';
import { createCompiledEngine, createEagerEngine } from '@transfuse/core/engine';
import { describe, expect, it } from 'vitest';
import { type PackedArray, unpack, waveTensor, waveWeights } from '../../../../test/support/autoencoder-reference.ts';
import { largestDifference } from '../../../../test/support/tiny-numbers.ts';
import { runOnce } from '../../../../test/support/tiny-run.ts';
import { discriminatePatches, patchDiscriminatorParameters, patchGrid } from './patch-discriminator.ts';

// Against PyTorch in float64: test/reference/patch_gan.py.

const { scores: cases } = JSON.parse(
  readFileSync(new URL('./patch-discriminator.fixture.json', import.meta.url), 'utf8'),
) as {
  readonly scores: readonly {
    readonly config: { readonly channels: number; readonly layers: number; readonly groups: number };
    readonly shapes: Readonly<Record<string, readonly number[]>>;
    readonly pixels: readonly [number, number, number, number];
    readonly scores: PackedArray;
  }[];
};

describe.each(Object.entries({ eager: await createEagerEngine(), compiled: createCompiledEngine({ threads: 1 }) }))(
  'the discriminator of patches, %s',
  (_, engine) => {
    it.each(cases)('scores as PyTorch does with $config', async ({ config, shapes, pixels, scores }) => {
      const outputs = await runOnce(
        engine,
        ({ picture, ...params }) => ({ scores: discriminatePatches(params, config, picture!) }),
        { ...waveWeights(patchDiscriminatorParameters(config), shapes), picture: waveTensor(960, pixels) },
      );
      expect(outputs['scores']!.shape).toEqual(scores.shape);
      expect(largestDifference(outputs['scores']!.data, unpack(scores))).toBeLessThan(1e-4);
      expect([patchGrid(config, pixels[1]), patchGrid(config, pixels[2])]).toEqual(scores.shape.slice(1, 3));
    });

    it('judges each picture by itself', async () => {
      const { config, shapes, pixels } = cases[0]!;
      const weights = waveWeights(patchDiscriminatorParameters(config), shapes);
      const picture = waveTensor(960, pixels);
      const score = async (data: Float32Array) => {
        const outputs = await runOnce(
          engine,
          ({ image, ...params }) => ({ scores: discriminatePatches(params, config, image!) }),
          { ...weights, image: { ...picture, data } },
        );
        return Float32Array.from(outputs['scores']!.data);
      };
      const before = await score(picture.data as Float32Array);
      const after = await score((picture.data as Float32Array).with(0, 9)); // a colour of the first
      const half = before.length / 2;
      expect(largestDifference(before.subarray(half), after.subarray(half))).toBe(0);
      expect(largestDifference(before.subarray(0, half), after.subarray(0, half))).toBeGreaterThan(1e-3);
    });
  },
);

describe('the discriminator of patches', () => {
  it('refuses pictures without a patch, and groups that do not divide', () => {
    expect(patchGrid({ layers: 2 }, 12)).toBe(1);
    expect(() => patchGrid({ layers: 2 }, 11)).toThrow(
      expect.objectContaining({ code: 'config.invalid', place: 'discriminator.layers' }),
    );
    expect(() => patchDiscriminatorParameters({ channels: 12 })).toThrow(
      expect.objectContaining({ code: 'config.invalid', place: 'discriminator.groups' }),
    );
  });
});
