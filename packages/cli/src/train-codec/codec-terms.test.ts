import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@transfuse/core';
import { initializeParameters, writeSafetensors } from '@transfuse/core/params';
import { perceptualParameters, weightsToFile } from '@transfuse/adapters/vae';
import { describe, expect, it } from 'vitest';
import { readCodecConfig } from './codec-config.ts';
import { codecTerms, describeTerms, trainerTerms } from './codec-terms.ts';

const read = (train: object) => readCodecConfig({ data: { name: 'emoji' }, train: { steps: 20, ...train } }).train;

describe('the optional terms of a codec', () => {
  it('are left out unless asked for', () => {
    expect(codecTerms(read({}), {}, 20)).toEqual({});
    expect(describeTerms({})).toBe(
      'the absolute and the squared error of colours and the divergence from the unit normal distribution',
    );
  });

  it('have defaults, the discriminator after half of the steps', () => {
    const terms = codecTerms(read({ gan: {}, perceptual: { folder: 'vgg' } }), {}, 20);
    expect(terms).toEqual({
      perceptual: { folder: 'vgg', weight: 1 },
      gan: { weight: 0.5, start: 11, weighting: 'adaptive', channels: 32, layers: 2, groups: 8 },
    });
    expect(describeTerms(terms)).toMatch(
      /, the perceptual distance LPIPS and a discriminator of patches from step 11 on$/,
    );
  });

  it('are changed by options, one by one', () => {
    const config = read({ gan: { start: 5, layers: 3 }, perceptual: { folder: 'vgg', weight: 2 } });
    const options = { perceptual: 'other', ganWeight: 0.1 };
    expect(codecTerms(config, options, 20)).toMatchObject({
      perceptual: { folder: 'other', weight: 2 },
      gan: { weight: 0.1, start: 5, layers: 3 },
    });
    expect(codecTerms(config, { ganWeight: 0 }, 20)).not.toHaveProperty('gan');
    expect(codecTerms(read({}), { ganStart: 7 }, 20)).toMatchObject({ gan: { weight: 0.5, start: 7, channels: 32 } });
  });

  it.each([
    ['train.perceptual.folder', {}, { perceptualWeight: 1 }],
    ['train.perceptual.weight', {}, { perceptual: 'vgg', perceptualWeight: -1 }],
    ['train.gan.weight', {}, { ganWeight: -1 }],
    ['train.gan.start', { gan: { start: 21 } }, {}],
    ['train.gan.start', { gan: {} }, { ganStart: 30 }],
  ])('are refused for a bad %s', (place, train, options) => {
    expect(() => codecTerms(read(train), options, 20)).toThrow(
      expect.objectContaining({ code: 'config.invalid', place }),
    );
  });

  it('are refused in the configuration where a field is wrong', () => {
    expect(() => read({ gan: { wieght: 1 } })).toThrow(expect.objectContaining({ place: 'train.gan.wieght' }));
    expect(() => read({ perceptual: { weight: 1 } })).toThrow(
      expect.objectContaining({ place: 'train.perceptual.folder' }),
    );
  });

  it('reach the trainer with the network read from its folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'codec-terms-'));
    const weights = initializeParameters(perceptualParameters([2, 2, 2, 2, 2]), createRandom(1));
    await writeFile(join(folder, 'lpips.safetensors'), writeSafetensors(weightsToFile(weights)));
    const terms = codecTerms(read({ gan: { start: 3 } }), { perceptual: folder }, 20);
    expect(await trainerTerms(terms)).toEqual({
      perceptual: { weights },
      adversarial: {
        start: 3,
        weight: 0.5,
        weighting: 'adaptive',
        discriminator: { channels: 32, layers: 2, groups: 8 },
      },
    });
    await rm(folder, { recursive: true });
  });
});
