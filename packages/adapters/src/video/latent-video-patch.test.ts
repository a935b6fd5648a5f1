import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@transfuse/core';
import { createCompiledEngine } from '@transfuse/core/engine';
import { initializeParameters } from '@transfuse/core/params';
import { checkContinuousAdapter } from '@transfuse/core/testing';
import { writeFolderAtomically } from '@transfuse/core/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLatentCodec } from '../image/latent-codec.ts';
import { readAutoencoderKlConfig } from '../vae/autoencoder-kl-config.ts';
import { autoEncoderParameters } from '../vae/autoencoder-parameters.ts';
import { codecFiles } from '../vae/codec-files.ts';
import { latentVideoPatch, type LatentVideoPatchConfig } from './video-patch.ts';

// An autoencoder of random weights that halves the sides: nothing like the frames comes back, but every path is walked.
const config = readAutoencoderKlConfig({
  block_out_channels: [4, 4],
  down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
  up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
  latent_channels: 3,
  norm_num_groups: 2,
  scaling_factor: 1.5,
});
const engine = createCompiledEngine({ threads: 1, cache: 'none' });
const picture = (step: number) => ({
  width: 8,
  height: 8,
  data: Uint8Array.from({ length: 192 }, (_, index) => (index * step) % 256),
});
const clip = { frames: [picture(37), picture(11)], delays: [125, 125] };

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'latent-video-'));
  for (const [name, seed] of [
    ['codec', 3],
    ['other', 4],
  ] as const) {
    const weights = initializeParameters(autoEncoderParameters(config), createRandom(seed));
    await writeFolderAtomically(join(root, name), codecFiles({ config, weights }));
  }
});
afterAll(async () => {
  await engine.dispose();
  await rm(root, { recursive: true });
});

const settings = (name = 'codec'): LatentVideoPatchConfig => ({
  frames: [2, 1],
  size: 8,
  patchSize: { frames: 1, side: 2 },
  codec: { folder: join(root, name) },
});

describe('video-patch on the latents of an autoencoder', () => {
  it('has the latents of its frames behind each other, in patches of latent positions', async () => {
    const adapter = await latentVideoPatch(settings(), engine);
    const codec = await openLatentCodec(settings().codec, { engine });
    expect(adapter.latentShapes).toEqual([
      [2, 4, 4, 3],
      [1, 4, 4, 3],
    ]);
    expect(adapter.tokenGrid([2, 4, 4, 3])).toEqual([2, 2, 2]);
    const { data } = await adapter.encode(clip);
    const frames = await Promise.all(clip.frames.map((frame) => codec.encode(frame)));
    expect(data).toEqual(Float32Array.from(frames.flatMap((frame) => [...frame.data])));
    await Promise.all([adapter.dispose?.(), codec.dispose()]);
  });

  it('notices another autoencoder than the one a checkpoint was trained on', async () => {
    const adapter = await latentVideoPatch(settings(), engine);
    const assets = adapter.assets!();
    expect(Object.keys(assets)).toEqual(['video-codec.json']);
    await (await latentVideoPatch(settings(), engine, { assets })).dispose?.();
    await expect(latentVideoPatch(settings('other'), engine, { assets })).rejects.toMatchObject({
      code: 'checkpoint.invalid',
    });
    await adapter.dispose?.();
  });

  it('refuses sizes that the autoencoder or the patches do not divide', async () => {
    await expect(latentVideoPatch({ ...settings(), size: 9 }, engine)).rejects.toMatchObject({
      code: 'image.unsupported-size',
    });
    await expect(latentVideoPatch({ ...settings(), size: 6 }, engine)).rejects.toMatchObject({
      code: 'latent.unsupported-shape',
    });
  });
});

checkContinuousAdapter(() => latentVideoPatch(settings(), engine), {
  title: 'video-patch on latents',
  samples: [clip, picture(5)],
  knownFailures: {
    'decodes what it encoded': 'an autoencoder of random weights gives back other frames',
  },
  sizes: [{ frames: 2 }],
}).register({ describe, it });
