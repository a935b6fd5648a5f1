import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { image, text } from '@transfuse/adapters';
import {
  contribution,
  createHost,
  definePlugin,
  type Host,
  type HostGenerateOptions,
  type RawImage,
  type TransfuseConfig,
} from '@transfuse/core';
import { diffusion } from '@transfuse/plugins';
import { emoji } from '@transfuse/plugins/data/emoji';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// Weightings, samplers, guiders, step caches and schedulers of diffusers, chosen by name in a configuration and in calls,
// through a host, a short training and a checkpoint.

const base: TransfuseConfig = {
  data: { name: 'emoji', size: 16, styles: ['noto'] },
  model: { preset: 'nano' },
  modalities: { text: { adapter: 'bpe', vocabularySize: 320 }, image: { adapter: 'linear-patch', size: 16 } },
  train: { steps: 3, rows: 4, rowLength: 64, warmup: 1, seed: 3 },
};
const chosen: TransfuseConfig = {
  ...base,
  objective: { weighting: { name: 'min-snr', gamma: 3 }, modalityWeights: { image: 2 } },
  sampling: {
    steps: 5,
    sampler: { name: 'dpm-solver', order: 3 },
    guidance: [{ name: 'interval', to: 0.9 }, { name: 'classifier-free', scale: 2 }, { name: 'rescale' }],
    negative: 'blue square',
    stepCache: { name: 'taylor', interval: 2, warmUp: 1 },
  },
};

let folder: string;
let host: Host;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfuse-chosen-'));
  host = await createHost({ plugins: [text, image, diffusion, emoji] });
  await host.train(base, { folder: join(folder, 'base'), cacheFolder: join(folder, 'cache') });
  await host.train(chosen, { folder: join(folder, 'chosen'), cacheFolder: join(folder, 'cache') });
}, 120_000);
afterAll(async () => {
  await host.dispose();
  await rm(folder, { recursive: true });
});

async function draw(run: string, options: HostGenerateOptions = {}) {
  const model = await host.load(join(folder, run, 'checkpoint'));
  const sources: string[] = [];
  let drawn: RawImage | undefined;
  for await (const event of model.generate(['red heart', { want: 'image' }], { seed: 1, ...options })) {
    if (event.type === 'step') sources.push(event.source);
    if (event.type === 'segment') drawn = event.value as RawImage;
  }
  await model.dispose();
  return { sources, pixels: [...drawn!.data] };
}

describe('a configuration', () => {
  it('weighs the losses as it says', async () => {
    const firstLosses = async (run: string) =>
      JSON.parse((await readFile(join(folder, run, 'metrics.jsonl'), 'utf8')).split('\n')[0]!) as {
        text: number;
        diffusion: number;
      };
    const [plain, weighted] = [await firstLosses('base'), await firstLosses('chosen')];
    expect(weighted.text).toBeCloseTo(plain.text, 6);
    expect(Math.abs(weighted.diffusion - plain.diffusion)).toBeGreaterThan(1e-3 * plain.diffusion);
  });

  it('samples as it says, and a call may say otherwise', async () => {
    const own = await draw('chosen');
    expect(own.sources).toEqual(['network', 'forecast', 'network', 'forecast', 'network']);
    expect((await draw('chosen')).pixels).toEqual(own.pixels);
    for (const other of [
      { sampler: 'euler' },
      { guidance: 1 },
      { negative: 'green circle' },
      { stepCache: 'none' as const },
    ]) {
      expect((await draw('chosen', other)).pixels, JSON.stringify(other)).not.toEqual(own.pixels);
    }
  });

  it('refuses what is not there by its place', async () => {
    const wrong = async (options: HostGenerateOptions) => draw('base', options);
    await expect(wrong({ sampler: 'eular' })).rejects.toMatchObject({ code: 'contribution.missing' });
    for (const nonsense of [{}, 5, null, ['heun'], { nmae: 'heun' }]) {
      for (const option of ['sampler', 'stepCache', 'guidance']) {
        if (option === 'guidance' && typeof nonsense === 'number') continue;
        const refused = wrong({ [option]: nonsense } as HostGenerateOptions);
        await expect(refused, `${option} ${JSON.stringify(nonsense)}`).rejects.toMatchObject({
          code: expect.stringMatching(/generation.invalid-option|contribution.missing/),
        });
      }
    }
    await expect(wrong({ guidance: [{ name: 'interval', from: 2 }] })).rejects.toMatchObject({
      code: 'config.invalid',
      place: 'options.guidance[0].from',
    });
    const train = (objective: TransfuseConfig['objective']) =>
      host.train({ ...base, objective }, { folder: join(folder, 'wrong'), cacheFolder: join(folder, 'cache') });
    await expect(train({ modalityWeights: { video: 2 } })).rejects.toMatchObject({
      place: 'objective.modalityWeights.video',
    });
  });
});

describe('a scheduler_config.json', () => {
  const flow = { _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 2 };

  it('samples a model trained with its schedule', async () => {
    const drawn = await draw('base', { sampler: { name: 'diffusers', config: flow }, steps: 4 });
    expect(drawn.sources).toHaveLength(4);
    expect(drawn.pixels).not.toEqual((await draw('base', { steps: 4 })).pixels);
  });

  it('is refused by a model trained with another schedule', async () => {
    const config = { _class_name: 'DDIMScheduler', beta_schedule: 'scaled_linear' };
    await expect(draw('base', { sampler: { name: 'diffusers', config } })).rejects.toMatchObject({
      code: 'schedule.invalid',
    });
  });
});

describe('auto-guidance', () => {
  it('leads away from another checkpoint', async () => {
    const weak = await host.load(join(folder, 'base', 'checkpoint'));
    const guidance = { name: 'auto-guidance', scale: 3 };
    const guided = await draw('chosen', { guidance, weak });
    expect(guided.pixels).not.toEqual((await draw('chosen', { guidance: 1 })).pixels);
    await weak.dispose();
    await expect(draw('chosen', { guidance })).rejects.toMatchObject({ place: 'options.weak' });
  });
});

describe('a training whose configuration names what is not there', () => {
  const wrong: Readonly<Record<string, Partial<TransfuseConfig>>> = {
    'modalities.image.adapter': { modalities: { ...base.modalities, image: { adapter: 'linear-patsh' } } },
    'modalities.image.patchsize': {
      modalities: { ...base.modalities, image: { adapter: 'linear-patch', patchsize: 4 } },
    },
    'sampler eulr': { sampling: { sampler: { name: 'eulr' } } },
    'objective.weighting.gama': { objective: { weighting: { name: 'min-snr', gama: 3 } } },
  };

  it.each(Object.entries(wrong))('says so of %s before any data are prepared', async (place, mistake) => {
    const prepared: string[] = [];
    const slow = definePlugin({
      manifest: { name: 'test-slow', version: '1.0.0', api: '^1.0.0', provides: ['dataset:slow'] },
      contributions: [
        contribution('dataset', {
          name: 'slow',
          description: 'Takes long.',
          configSchema: { type: 'object', additionalProperties: false },
          create: () => ({ name: 'slow', prepare: () => Promise.reject(new Error(String(prepared.push('prepared')))) }),
        }),
      ],
    });
    const other = await createHost({ plugins: [text, image, diffusion, slow] });
    const failed = other.train({ ...base, data: { name: 'slow' }, ...mistake }, { folder: join(folder, 'wrong') });
    await expect(failed).rejects.toMatchObject({ place });
    expect(prepared).toEqual([]);
    await other.dispose();
  });
});
