import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { image, text } from '@transfuse/adapters';
import { createHost, type Dataset, type Host, type Plugin, type TransfuseConfig } from '@transfuse/core';
import { diffusion } from '@transfuse/plugins';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eightPictures, picturePlugin } from './support/picture-dataset.ts';

const base: TransfuseConfig = {
  data: { name: 'pictures' },
  model: { width: 32, depth: 1, heads: 2, sequenceLength: 64 },
  modalities: {
    text: { adapter: 'bpe', vocabularySize: 270 },
    image: { adapter: 'linear-patch', size: 16, patchSize: 8 },
  },
  sampling: { steps: 2 },
  train: { steps: 4, rows: 1, rowLength: 48, warmup: 1 },
};

let folder: string;
let host: Host;
let run: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfuse-run-'));
  host = await createHost({ plugins: [text, image, diffusion, picturePlugin(eightPictures())] });
});
beforeEach(async () => {
  run = await mkdtemp(join(folder, 'run-'));
});
afterAll(async () => {
  await host.dispose();
  await rm(folder, { recursive: true });
});

describe('a resumed run', () => {
  it.each<[string, TransfuseConfig]>([
    ['model.heads', { ...base, model: { ...base.model, heads: 4 } }],
    ['model.ropeBase', { ...base, model: { ...base.model, ropeBase: 500 } }],
    ['objective.prediction', { ...base, objective: { prediction: 'velocity' } }],
    ['train.seed', { ...base, train: { ...base.train, seed: 3 } }],
    ['train.rows', { ...base, train: { ...base.train, rows: 2 } }],
  ])('is refused where %s is no longer what it was', async (place, changed) => {
    await host.train(base, { folder: run });
    const before = await readFile(join(run, 'checkpoint', 'config.json'));
    await expect(host.train(changed, { folder: run, resume: 'checkpoint' })).rejects.toMatchObject({
      code: 'config.invalid',
      place,
    });
    expect(before.equals(await readFile(join(run, 'checkpoint', 'config.json')))).toBe(true);
  });

  it('may be longer than it was meant to be', async () => {
    await host.train(base, { folder: run });
    const longer = { ...base, train: { ...base.train, steps: 6 } };
    expect(await host.train(longer, { folder: run, resume: 'checkpoint' })).toMatchObject({ step: 6 });
  });

  it('is refused with the optimizer state of another model', async () => {
    await host.train(base, { folder: run });
    const other = join(run, 'other');
    await host.train({ ...base, model: { ...base.model, depth: 2 } }, { folder: other });
    await rm(join(run, 'checkpoint', 'optimizer.safetensors'));
    const { copyFile } = await import('node:fs/promises');
    await copyFile(
      join(other, 'checkpoint', 'optimizer.safetensors'),
      join(run, 'checkpoint', 'optimizer.safetensors'),
    );
    await expect(host.train(base, { folder: run, resume: 'checkpoint' })).rejects.toMatchObject({
      code: 'checkpoint.invalid',
    });
  });
});

describe('a run', () => {
  it('uses the engine its configuration names', async () => {
    const eager = { ...base, engine: { name: 'eager' as const }, train: { ...base.train, steps: 2 } };
    const losses: Record<string, number[]> = { eager: [], compiled: [] };
    await host.train(eager, { folder: join(run, 'eager'), onStep: ({ total }) => losses['eager']!.push(total) });
    await host.train(
      { ...base, train: { ...base.train, steps: 2 } },
      {
        folder: join(run, 'compiled'),
        onStep: ({ total }) => losses['compiled']!.push(total),
      },
    );
    losses['eager']!.forEach((loss, step) => expect(loss).toBeCloseTo(losses['compiled']![step]!, 3));
  });

  it('keeps what it has learned when a callback throws', async () => {
    const failing = host.train(base, {
      folder: run,
      onStep: ({ step }) => {
        if (step === 3) throw new Error('the disk of the log is full');
      },
    });
    await expect(failing).rejects.toThrow('the disk of the log is full');
    expect(await host.train(base, { folder: run, resume: 'checkpoint' })).toMatchObject({
      reason: 'finished',
      step: 4,
    });
  });

  it('goes on over a rare document with more pictures than the others', async () => {
    const [first, second] = eightPictures();
    const pictures = (count: number) =>
      Array.from({ length: count }, () => ({ modality: 'image', value: second!.image }));
    const dataset: Dataset = {
      name: 'rare',
      train: {
        name: 'train',
        length: 200,
        item: (index) => ({
          id: String(index),
          segments: [{ modality: 'text', value: first!.caption }, ...pictures(index === 77 ? 4 : 1)],
        }),
      },
      heldOut: [],
      texts: () => [first!.caption],
    };
    const rare: Plugin = {
      manifest: { name: 'rare', version: '1.0.0', api: '^1.0.0', provides: ['dataset:rare'] },
      contributions: [
        {
          kind: 'dataset',
          name: 'rare',
          description: 'One picture per text, and once four.',
          configSchema: { type: 'object', properties: {} },
          create: () => ({ name: 'rare', prepare: async () => dataset }),
        },
      ],
    };
    const own = await createHost({ plugins: [text, image, diffusion, rare] });
    const longText = { ...base, data: { name: 'rare' }, train: { ...base.train, steps: 210, rowLength: 64 } };
    expect(await own.train(longText, { folder: run })).toMatchObject({ reason: 'finished' });
    await own.dispose();
  });
});
