import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contribution, createHost, type Host, type TransfuseConfig } from '@transfuse/core';
import type { ContinuousAdapter, Dataset, DiscreteAdapter, Plugin } from '@transfuse/core/contracts';
import { createCompiledEngine } from '@transfuse/core/engine';
import { diffusion } from '@transfuse/plugins';
import { Type } from 'typebox';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { shapelyPictures } from './support/tiny-shapes.ts';
import { tinySample, tinySignal } from './support/tiny-signal.ts';
import { letters } from './support/tiny-text.ts';

// Checkpoints of before blocks had kinds and positions had axes, damaged ones, and configurations that fit no model.

const dataset: Dataset = {
  name: 'signals',
  train: {
    name: 'train',
    length: 3,
    item: (index) => ({
      id: String(index),
      segments: [
        { modality: 'text', value: 'abc'.slice(index) },
        { modality: 'signal', value: tinySample(index) },
      ],
    }),
  },
  heldOut: [],
  texts: () => ['abc'],
};
const described = { description: 'For this test alone.', configSchema: Type.Object({}) };
const plugin: Plugin = {
  manifest: {
    name: 'test-shapes',
    version: '0.0.0',
    api: '^1.0.0',
    provides: [
      'discrete-adapter:letters',
      'continuous-adapter:signal',
      'continuous-adapter:pictures',
      'dataset:signals',
    ],
  },
  contributions: [
    contribution('discrete-adapter', { name: 'letters', ...described, create: () => letters(5) as DiscreteAdapter }),
    contribution('continuous-adapter', {
      name: 'signal',
      ...described,
      create: () => tinySignal() as ContinuousAdapter,
    }),
    contribution('continuous-adapter', {
      name: 'pictures',
      ...described,
      create: () => shapelyPictures() as ContinuousAdapter,
    }),
    contribution('dataset', {
      name: 'signals',
      ...described,
      create: () => ({ name: 'signals', prepare: async () => dataset }),
    }),
  ],
};
const config: TransfuseConfig = {
  data: { name: 'signals' },
  model: { width: 8, depth: 1, heads: 2, sequenceLength: 32 },
  modalities: { text: { adapter: 'letters' }, signal: { adapter: 'signal' } },
  train: { steps: 4, rows: 2, rowLength: 16, warmup: 1 },
};

let root: string;
let folder: string;
let host: Host;
const engine = createCompiledEngine({ threads: 1, cache: 'none' });
const warnings: string[] = [];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'transfuse-shapes-'));
  folder = join(root, 'run');
  const logger = { debug() {}, info() {}, error() {}, warn: (message: string) => void warnings.push(message) };
  host = await createHost({ plugins: [plugin, diffusion], engine, logger });
});
beforeEach(() => void warnings.splice(0));
afterAll(async () => {
  await host.dispose();
  await engine.dispose();
  await rm(root, { recursive: true });
});

async function lossesOf(run: string, { until = 4, resume = 'never' as 'never' | 'checkpoint' } = {}) {
  const losses: number[] = [];
  const stop = new AbortController();
  await host.train(config, {
    folder: run,
    resume,
    signal: stop.signal,
    onStep: ({ step, total }) => {
      losses.push(total);
      if (step === until) stop.abort();
    },
  });
  return losses;
}

/** A file of sections. */
type Stored = Record<string, Record<string, unknown>>;

/** Rewrites a JSON file of the run's checkpoint. */
async function rewrite(name: string, change: (content: Stored) => unknown): Promise<void> {
  const path = join(folder, 'checkpoint', name);
  await writeFile(path, JSON.stringify(change(JSON.parse(await readFile(path, 'utf8')) as Stored)));
}

describe('a checkpoint of before blocks had kinds', () => {
  it('is loaded for generation, and resumed exactly where it stopped', async () => {
    const whole = await lossesOf(join(root, 'whole'));
    const found = await lossesOf(folder, { until: 2 });
    await rewrite('config.json', ({ model, ...rest }) => {
      const { positions, ...before } = model!;
      expect(positions).toBe('sequence');
      return { ...rest, model: before };
    });
    await rewrite('trainer_state.json', ({ batchShape, ...rest }) => {
      const { positionAxes, blocks, ...shape } = batchShape!;
      expect(positionAxes).toBe(1);
      const { count, tokens } = (blocks as Record<string, Record<string, number>>)['signal 3x2']!;
      return { ...rest, batchShape: { ...shape, blocks: { signal: { tokens, count } } } };
    });
    const model = await host.load(join(folder, 'checkpoint'));
    expect(model.config.model.positions).toBe('sequence');
    const events = [];
    for await (const event of model.generate(['ab', { want: 'signal' }], { steps: 2 })) events.push(event.type);
    expect(events.at(-1)).toBe('end');
    await model.dispose();
    found.push(...(await lossesOf(folder, { resume: 'checkpoint' })));
    expect(found).toEqual(whole);
  });
});

describe('a damaged state of training', () => {
  const invalid = { code: 'checkpoint.invalid', place: expect.stringContaining('trainer_state.json') };
  const kind = { modality: 'signal', latentShape: [3, 2], tokens: 3, count: 4 };
  it.each<[string, unknown]>([
    ['no shape of batches', null],
    ['a list', []],
    ['blocks that are none', { blocks: null }],
    ['a kind that is none', { blocks: { 'signal 3x2': null } }],
    ['a kind of another shape', { blocks: { 'signal 3x2': { ...kind, latentShape: [2, 3] } } }],
    ['a kind of another modality', { blocks: { 'signal 3x2': { ...kind, modality: 'image' } } }],
    ['a kind too many', { blocks: { 'signal 3x2': kind, 'signal 4x2': { ...kind, latentShape: [4, 2], tokens: 4 } } }],
    ['no room for a block', { blocks: { 'signal 3x2': { ...kind, count: 0 } } }],
    ['no rows', { rows: 0 }],
    ['positions along two axes', { positionAxes: 2 }],
    ['rows of another length', { rowLength: 17 }],
  ])('with %s is refused', async (_, change) => {
    await lossesOf(folder, { until: 1 });
    await rewrite('trainer_state.json', ({ batchShape, ...rest }) => ({
      ...rest,
      batchShape: change === null || Array.isArray(change) ? change : { ...batchShape, ...(change as object) },
    }));
    await expect(lossesOf(folder, { resume: 'checkpoint' })).rejects.toMatchObject(invalid);
  });
});

describe('a configuration', () => {
  const train = (changes: Partial<TransfuseConfig>) =>
    host.train({ ...config, ...changes }, { folder: join(root, 'refused') });
  const pictures = { text: { adapter: 'letters' }, image: { adapter: 'pictures', shapeTokens: 'grid' as const } };
  const model = { ...config.model, width: 16 };

  it('is refused where a sequence has no room for the smallest block with what stands around it', async () => {
    const needed = 1 + 3 + 3 + 1; // begin-of-document, begin token and two sizes, the tokens of 6 x 2, end token
    const short = { model: { ...model, sequenceLength: needed - 1 }, modalities: pictures };
    await expect(train({ ...short, train: { ...config.train, rowLength: 4 } })).rejects.toMatchObject({
      code: 'config.invalid',
      place: 'model.sequenceLength',
      found: '7',
      expected: expect.stringContaining('at least 8'),
    });
  });

  it('is refused where a head has fewer pairs than positions have axes', async () => {
    const narrow = { model: { ...model, heads: 8, positions: 'axial' as const }, modalities: pictures };
    await expect(train(narrow)).rejects.toMatchObject({ code: 'config.invalid', place: 'model.heads' });
  });

  it('is refused where the shape of text is to be told', async () => {
    const modalities = { ...config.modalities, text: { adapter: 'letters', shapeTokens: 'grid' as const } };
    await expect(train({ modalities })).rejects.toMatchObject({
      code: 'config.invalid',
      place: 'modalities.text.shapeTokens',
    });
  });

  it('is warned about where axial positions have one axis alone', async () => {
    const axial = { ...config.model, positions: 'axial' as const };
    await train({ model: axial, train: { ...config.train, steps: 1 } });
    expect(warnings).toEqual([expect.stringContaining('model.positions')]);
  });
});
