import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@transfuse/core';
import type { HostTensor } from '@transfuse/core/contracts';
import { createEagerEngine } from '@transfuse/core/engine';
import { initializeParameters, writeSafetensors } from '@transfuse/core/params';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLatentCodec } from '../image/latent-codec.ts';
import { readAutoencoderKlConfig } from './autoencoder-kl-config.ts';
import { autoEncoderParameters } from './autoencoder-parameters.ts';
import { codecFiles } from './codec-files.ts';
import { checkCodecAssets, codecAssets } from './codec-fingerprint.ts';
import { readCodecFolder } from './codec-folder.ts';
import { weightsToFile } from './weight-layout.ts';

const config = readAutoencoderKlConfig({ block_out_channels: [4], norm_num_groups: 2, latent_channels: 2 });
const spec = autoEncoderParameters(config);
const weightsOf = (seed: number) => initializeParameters(spec, createRandom(seed));
const weightsName = 'diffusion_pytorch_model.safetensors';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'codec-fingerprint-'));
});
afterAll(() => rm(root, { recursive: true }));

const folderOf = async (files: Readonly<Record<string, Uint8Array | string>>) => {
  const folder = await mkdtemp(join(root, 'codec-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
};
const fingerprintOf = async (files: Readonly<Record<string, Uint8Array | string>>) =>
  (await readCodecFolder(await folderOf(files))).fingerprint;

/** The same weights in two files with an index. */
const inShards = (weights: Readonly<Record<string, HostTensor>>) => {
  const entries = Object.entries(weightsToFile(weights));
  const shard = (which: number) => Object.fromEntries(entries.filter((_, index) => index % 2 === which));
  return {
    'config.json': codecFiles({ config, weights })['config.json']!,
    'a.safetensors': writeSafetensors(shard(0)),
    'b.safetensors': writeSafetensors(shard(1)),
    [`${weightsName}.index.json`]: JSON.stringify({
      weight_map: Object.fromEntries(entries.map(([name], index) => [name, `${'ab'[index % 2]}.safetensors`])),
    }),
  };
};

describe('the fingerprint of a codec', () => {
  it('is the same wherever the folder lies', async () => {
    const files = codecFiles({ config, weights: weightsOf(1) });
    const fingerprint = await fingerprintOf(files);
    expect(fingerprint).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await fingerprintOf({ ...files, 'README.md': 'not part of it' })).toBe(fingerprint);
  });

  it('is another for other weights, another configuration and another shard', async () => {
    const files = codecFiles({ config, weights: weightsOf(1) });
    const scaled = codecFiles({ config: { ...config, scaling: { scale: 2, shift: 0 } }, weights: weightsOf(1) });
    const all = [
      files,
      codecFiles({ config, weights: weightsOf(2) }),
      scaled,
      inShards(weightsOf(1)),
      inShards(weightsOf(2)),
    ];
    const fingerprints = await Promise.all(all.map(fingerprintOf));
    expect(new Set(fingerprints).size).toBe(all.length);
  });

  it('lets a checkpoint open with its codec, refuses another, and says nothing where none was stored', () => {
    const [mine, other] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`];
    const where = { modality: 'image', folder: 'vae', fingerprint: mine };
    expect(() => checkCodecAssets({}, where)).not.toThrow();
    expect(() => checkCodecAssets(codecAssets('image', mine), where)).not.toThrow();
    expect(() => checkCodecAssets(codecAssets('video', other), where)).not.toThrow();
    expect(() => checkCodecAssets(codecAssets('image', other), where)).toThrow(
      expect.objectContaining({
        code: 'checkpoint.invalid',
        place: 'codec vae',
        found: `an autoencoder with the fingerprint ${mine}`,
        expected: `the one the model was trained on, ${other}`,
      }),
    );
    for (const damaged of ['null', '{', '{"fingerprint":"sha256:12"}']) {
      expect(() => checkCodecAssets({ 'image-codec.json': new TextEncoder().encode(damaged) }, where)).toThrow(
        expect.objectContaining({ code: 'checkpoint.invalid', place: 'image-codec.json' }),
      );
    }
  });

  it('goes with a model on latents, whose codec must not change', async () => {
    const engine = await createEagerEngine({ backend: 'cpu' });
    const files = codecFiles({ config, weights: weightsOf(1) });
    const folder = await folderOf(files);
    const first = await openLatentCodec({ folder }, { size: 4, engine });
    const assets = first.assets!();
    expect(Object.keys(assets)).toEqual(['image-codec.json']);
    const again = await openLatentCodec({ folder }, { size: 4, engine, assets });
    expect(again.assets!()).toEqual(assets);
    await writeFile(join(folder, weightsName), codecFiles({ config, weights: weightsOf(2) })[weightsName]!);
    await expect(openLatentCodec({ folder }, { size: 4, engine, assets })).rejects.toMatchObject({
      code: 'checkpoint.invalid',
      place: `codec ${folder}`,
    });
    await engine.dispose();
  });
});
