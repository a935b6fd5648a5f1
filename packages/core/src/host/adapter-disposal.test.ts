import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tinySample, tinySignal } from '../../../../test/support/tiny-signal.ts';
import { letters } from '../../../../test/support/tiny-text.ts';
import type { Dataset } from '../contracts/dataset.ts';
import type { Engine } from '../contracts/engine.ts';
import type { Contribution, ContributionKind, CreationContext, Plugin } from '../contracts/plugin.ts';
import type { Sampler } from '../contracts/sampler.ts';
import { createCompiledEngine } from '../engine/compiled-engine.ts';
import { circleSchedule } from '../testing/reference-schedules.ts';
import { buildModel, disposeAdapters } from './build-model.ts';
import type { TransfuseConfig } from './config-types.ts';
import { validateConfig } from './config.ts';
import { createHost } from './create-host.ts';
import type { Host } from './host.ts';

// Two adapters that hold something, and say when they are made, with which engine, and when they let go of it.

let events: string[] = [];
let engines: (Engine | undefined)[] = [];

const samples = [0, 1, 2].map((stream) => tinySample(stream));
const dataset: Dataset = {
  name: 'signals',
  train: {
    name: 'train',
    length: samples.length,
    item: (index) => ({
      id: String(index),
      segments: [
        { modality: 'text', value: 'abc'.slice(index) },
        { modality: 'signal', value: samples[index] },
      ],
    }),
  },
  heldOut: [],
  texts: () => ['abc'],
};

const sampler: Sampler = {
  name: 'none',
  config: {},
  begin: () => {
    throw new Error('not used here');
  },
};

function contributionOf<Kind extends ContributionKind>(
  kind: Kind,
  name: string,
  create: Contribution<Kind>['create'],
): Contribution {
  const description = 'For this test alone.';
  return { kind, name, description, configSchema: { type: 'object' }, create } as unknown as Contribution;
}

const holding = <Adapter extends object>(name: string, adapter: Adapter, { engine }: CreationContext) => {
  events.push(`made ${name}`);
  engines.push(engine);
  return { ...adapter, dispose: async () => void events.push(`disposed ${name}`) };
};

const contributions = [
  contributionOf('discrete-adapter', 'letters', (_, context) => holding('letters', letters(5), context) as never),
  contributionOf('continuous-adapter', 'signal', (_, context) => holding('signal', tinySignal(), context) as never),
  contributionOf('continuous-adapter', 'broken', () => Promise.reject(new Error('no'))),
  contributionOf('noise-schedule', 'circle', () => circleSchedule),
  contributionOf('sampler', 'none', () => sampler),
  contributionOf('dataset', 'signals', () => ({ name: 'signals', prepare: async () => dataset })),
];
const plugin: Plugin = {
  manifest: {
    name: 'test-holding',
    version: '0.0.0',
    api: '^1.0.0',
    provides: contributions.map(({ kind, name }) => `${kind}:${name}`),
  },
  contributions,
};

const config: TransfuseConfig = {
  data: { name: 'signals' },
  model: { width: 8, depth: 1, heads: 2, sequenceLength: 32 },
  modalities: { text: { adapter: 'letters' }, signal: { adapter: 'signal' } },
  objective: { schedule: { name: 'circle' } },
  sampling: { sampler: { name: 'none' } },
  train: { steps: 1, rows: 1, rowLength: 16 },
};
const bothMade = ['made letters', 'made signal'];
const bothDisposed = ['disposed letters', 'disposed signal'];

let root: string;
let folder: string;
let engine: Engine;
let host: Host;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'adapter-disposal-'));
  folder = join(root, 'run');
  engine = createCompiledEngine({ threads: 1, cache: 'none' });
  host = await createHost({ plugins: [plugin], engine });
  await host.train(config, { folder });
});
beforeEach(() => {
  events = [];
  engines = [];
});
afterAll(async () => {
  await host.dispose();
  await engine.dispose();
  await rm(root, { recursive: true });
});

describe('what an adapter holds', () => {
  it('is released when the training it was made for is over', async () => {
    await host.train(config, { folder: join(root, 'over') });
    expect(events).toEqual([...bothMade, ...bothDisposed]);
  });

  it('is released when that training fails', async () => {
    const weighted = { ...config, objective: { ...config.objective, modalityWeights: { smell: 1 } } };
    await expect(host.train(weighted, { folder: join(root, 'failed') })).rejects.toMatchObject({
      code: 'config.invalid',
    });
    expect(events).toEqual([...bothMade, ...bothDisposed]);
  });

  it('stays as long as a loaded model, and is released once', async () => {
    const model = await host.load(join(folder, 'checkpoint'));
    expect(events).toEqual(bothMade);
    await Promise.all([model.dispose(), model.dispose()]);
    await model.dispose();
    expect(events).toEqual([...bothMade, ...bothDisposed]);
  });

  it('is released with the host where nobody disposes of the model', async () => {
    const other = await createHost({ plugins: [plugin], engine });
    await other.load(join(folder, 'checkpoint'));
    await other.dispose();
    expect(events).toEqual([...bothMade, ...bothDisposed]);
  });

  it('is released where loading fails later on', async () => {
    const damaged = join(root, 'damaged');
    await host.train(config, { folder: damaged });
    events = [];
    const stored = JSON.stringify({
      ...validateConfig(config),
      plugins: undefined,
      model: { width: 16, depth: 1, heads: 2 },
    });
    await writeFile(join(damaged, 'checkpoint', 'config.json'), stored);
    await expect(host.load(join(damaged, 'checkpoint'))).rejects.toMatchObject({ code: 'checkpoint.invalid' });
    expect(events).toEqual([...bothMade, ...bothDisposed]);
  });

  it('is released where a later adapter cannot be made, or stands under another modality', async () => {
    const build = (last: object) =>
      buildModel(host, validateConfig({ ...config, modalities: { text: { adapter: 'letters' }, ...last } }), {});
    await expect(build({ signal: { adapter: 'broken' } })).rejects.toMatchObject({ code: 'plugin.failed' });
    expect(events).toEqual(['made letters', 'disposed letters']);
    events = [];
    await expect(build({ sound: { adapter: 'signal' } })).rejects.toMatchObject({ code: 'config.invalid' });
    expect(events).toEqual([...bothMade, ...bothDisposed]);
  });

  it('is released in all adapters, even if one of them throws', async () => {
    const model = await buildModel(host, validateConfig(config), {});
    const [text] = Object.values(model.discrete);
    Object.assign(text!, { dispose: () => Promise.reject(new Error('stuck')) });
    await expect(disposeAdapters(model)).rejects.toThrow('stuck');
    expect(events).toEqual([...bothMade, 'disposed signal']);
  });
});

describe('the engine an adapter gets', () => {
  it('is that of the host, or of the run where its configuration names another', async () => {
    await disposeAdapters(await buildModel(host, validateConfig(config), {}));
    expect(engines).toEqual([engine, engine]);
    engines = [];
    await host.train({ ...config, engine: { name: 'eager' } }, { folder: join(root, 'eager') });
    expect(engines.map((given) => given?.name)).toEqual(['eager', 'eager']);
  });
});
