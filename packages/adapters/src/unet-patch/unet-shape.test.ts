import { countParameters } from '@transfuse/core/params';
import { describe, expect, it } from 'vitest';
import { createUnetPatch } from './unet-patch.ts';
import { unetPresets, unetShape } from './unet-shape.ts';

describe('the preset paper-7b', () => {
  const count = (channels: number, side: number, modelWidth: number) => {
    const grid = side / unetPresets['paper-7b'].patchSize;
    const patch = createUnetPatch({ ...unetPresets['paper-7b'], channels, maximumGrid: [grid, grid] });
    return countParameters(patch.parameters(modelWidth));
  };

  it('adds about 0.27 B parameters to the model of 7 B on latents of 32 x 32 x 8, as the paper has it', () => {
    expect(count(8, 32, 4096) / 1e9).toBeCloseTo(0.27, 2);
  });

  it('adds nearly as many to the smallest model of the paper, 768 wide', () => {
    expect(count(8, 32, 768) / count(8, 32, 4096)).toBeGreaterThan(0.95);
  });
});

describe('the shape of a U-Net patch adapter', () => {
  it.each([2, 4, 8] as const)('has one width more than a patch of %d is halved', (patchSize) => {
    const { widths, blocks } = unetShape({ patchSize });
    expect(widths).toHaveLength(Math.log2(patchSize) + 1);
    expect(blocks).toHaveLength(widths.length);
  });

  it('takes one number of blocks for all resolutions, or one for each', () => {
    expect(unetShape({ patchSize: 4, blocks: 2 }).blocks).toEqual([2, 2, 2]);
    expect(unetShape({ patchSize: 4, blocks: [0, 1, 2] }).blocks).toEqual([0, 1, 2]);
  });

  it.each([
    ['patchSize', { patchSize: 1 as 2 }],
    ['widths', { patchSize: 8, widths: [8, 8, 8] }],
    ['widths', { patchSize: 2, widths: [8, 8.5] }],
    ['blocks', { patchSize: 2, blocks: [1] }],
    ['blocks', { patchSize: 2, blocks: -1 }],
    ['groups', { patchSize: 2, widths: [8, 12], groups: 8 }],
    ['groups', { patchSize: 2, groups: 0 }],
    ['timeWidth', { patchSize: 2, timeWidth: 0 }],
    ['skips', { patchSize: 2, skips: 'full' as 'open' }],
    ['proportion', { patchSize: 2, proportion: 'gated' as 'fading' }],
  ] as const)('refuses wrong %s, in words', (place, settings) => {
    expect(() => unetShape(settings)).toThrow(expect.objectContaining({ code: 'config.invalid', place }));
  });
});
