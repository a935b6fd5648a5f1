import type { ContinuousAdapter } from '@transfuse/core/contracts';
import { validate } from '@transfuse/core';
import { checkContinuousAdapter, checkPlugin } from '@transfuse/core/testing';
import { describe, expect, it } from 'vitest';
import { unetPatchImage } from './unet-patch-image.ts';
import { unetPatch, unetPatchContribution } from './unet-patch-plugin.ts';

const runner = { describe, it };
const picture = (width: number, height: number) => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, index) => (37 * index + ((index * index) % 91)) % 256),
});
const options = { samples: [picture(8, 8)], invalid: [undefined, null, 3] };
const tiny = { groups: 2, timeWidth: 6 } as const;

for (const [title, config] of Object.entries({
  'patches of 2': { size: 4, patchSize: 2, widths: [4, 6], ...tiny },
  'patches of 4, two blocks, layer normalization': {
    size: 8,
    patchSize: 4,
    widths: [4, 4, 6],
    blocks: [2, 0, 1],
    ...tiny,
    groups: 1,
  },
  'patches of 8, open skips': { size: 16, patchSize: 8, widths: [4, 4, 4, 6], skips: 'open', ...tiny },
  'patches of 4, no skips, fading': {
    size: 8,
    patchSize: 4,
    widths: [4, 4, 4],
    skips: 'none',
    proportion: 'fading',
    ...tiny,
  },
} as const)) {
  checkContinuousAdapter(() => unetPatchImage(config), { ...options, title: `unet-patch, ${title}` }).register(runner);
}
checkContinuousAdapter(
  () =>
    unetPatchImage({ size: [8, { width: 8, height: 4 }], patchSize: 2, widths: [4, 4], positions: 'none', ...tiny }),
  { samples: [picture(8, 8), picture(16, 8)], title: 'unet-patch, several sizes' },
).register(runner);
checkPlugin(unetPatch, { title: 'plugin of unet-patch' }).register(runner);

describe('the unet-patch image adapter', () => {
  const create = (settings: Readonly<Record<string, unknown>>) =>
    unetPatchContribution.create(
      validate(unetPatchContribution.configSchema, settings, { code: 'config.invalid', place: 'image' }) as Record<
        string,
        unknown
      >,
      { logger: console, assets: {} },
    ) as ContinuousAdapter;

  it('makes sixteen tokens of a picture of 32 x 32 by default', () => {
    const adapter = create({});
    expect(adapter.defaultLatentShape).toEqual([32, 32, 3]);
    expect(adapter.tokenGrid([32, 32, 3])).toEqual([4, 4]);
  });

  it('begins from a preset and lets what is written beside it go before', () => {
    const preset = create({ preset: 'paper-7b' });
    expect(preset.tokenGrid([32, 32, 3])).toEqual([16, 16]);
    const shaped = create({ preset: 'paper-7b', timeWidth: 32, blocks: 1 }).parameters(16);
    expect(shaped['time.second.weight']!.shape).toEqual([32, 32]);
    expect(shaped['down.0.blocks.1.conv1.weight']).toBeUndefined();
    expect(shaped['down.0.blocks.0.conv1.weight']!.shape).toEqual([3, 3, 812, 812]);
  });

  it('refuses a size that patches do not fill', () => {
    expect(() => unetPatchImage({ size: 30, patchSize: 4 })).toThrow(
      expect.objectContaining({ code: 'image.unsupported-size' }),
    );
  });

  it('refuses a misspelt setting with the settings there are', () => {
    expect(() => create({ skip: 'gated' })).toThrow(expect.objectContaining({ code: 'config.invalid' }));
  });
});
