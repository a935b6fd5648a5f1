import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@transfuse/core';
import { initializeParameters } from '@transfuse/core/params';
import { writeFolderAtomically } from '@transfuse/core/training';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AutoencoderKlConfig, readAutoencoderKlConfig } from './autoencoder-kl-config.ts';
import { autoEncoderParameters } from './autoencoder-parameters.ts';
import { codecFiles } from './codec-files.ts';
import { readCodecFolder } from './codec-folder.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'codec-files-'));
});
afterAll(() => rm(root, { recursive: true }));

const blocks = (count: number) => ({
  down_block_types: Array<string>(count).fill('DownEncoderBlock2D'),
  up_block_types: Array<string>(count).fill('UpDecoderBlock2D'),
});
const configs: Readonly<Record<string, AutoencoderKlConfig>> = {
  'with attention and a shift': readAutoencoderKlConfig({
    block_out_channels: [4, 8],
    ...blocks(2),
    norm_num_groups: 2,
    latent_channels: 3,
    sample_size: 24,
    scaling_factor: 1.25,
    shift_factor: -0.5,
  }),
  'with statistics of every channel, and hardly anything else': readAutoencoderKlConfig({
    block_out_channels: [4],
    layers_per_block: 2,
    norm_num_groups: 1,
    act_fn: 'relu',
    latent_channels: 2,
    latents_mean: [0.5, -1],
    latents_std: [2, 0.25],
    use_quant_conv: false,
    use_post_quant_conv: false,
    mid_block_add_attention: false,
  }),
};

it.each(Object.entries(configs))('an autoencoder %s is read back as it was written', async (name, config) => {
  const weights = initializeParameters(autoEncoderParameters(config), createRandom(name));
  const folder = join(root, name);
  await writeFolderAtomically(folder, codecFiles({ config, weights }));
  expect(await readCodecFolder(folder)).toEqual({ config, weights, fingerprint: expect.any(String) });
});
