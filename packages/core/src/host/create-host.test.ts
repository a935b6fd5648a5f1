import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import type { Engine, Logger, NoiseSchedule, Plugin, PluginManifest } from '../contracts/index.ts';
import { TransfuseError } from '../errors/index.ts';
import { createHost, type CreateHostOptions } from './create-host.ts';
import { contribution, definePlugin } from './define-plugin.ts';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

function schedule(name: string, config: Readonly<Record<string, unknown>> = {}): NoiseSchedule {
  const velocity = { clean: -1, noise: 1 };
  const at = (time: number) => ({ alpha: 1 - time, sigma: time, velocity });
  return { name, config, at, sampleTime: (uniform) => uniform() };
}

function scheduleContribution(name: string, create?: () => NoiseSchedule | Promise<NoiseSchedule>) {
  return contribution('noise-schedule', {
    name,
    description: `The schedule ${name}`,
    configSchema: Type.Object({ shift: Type.Number({ default: 1 }) }, { additionalProperties: false }),
    create: (config) => create?.() ?? schedule(name, config),
  });
}

interface PluginParts extends Pick<Plugin, 'setUp' | 'dispose'> {
  readonly manifest?: Partial<PluginManifest>;
  readonly contributions?: Plugin['contributions'];
}

function plugin(name: string, { manifest = {}, contributions = [], ...hooks }: PluginParts = {}): Plugin {
  const provides = contributions.map((item) => `${item.kind}:${item.name}`);
  return definePlugin({
    manifest: { name, version: '1.0.0', api: '^1.0.0', provides, ...manifest },
    contributions,
    ...hooks,
  });
}

/** A plugin that writes what happens to it into a list. */
function traced(events: string[], name: string, requires: readonly string[] = []): Plugin {
  return plugin(name, {
    manifest: { requires },
    setUp: async () => void events.push(`set up ${name}`),
    dispose: async () => void events.push(`disposed ${name}`),
  });
}

function engineStub(events: string[] = []): Engine {
  const unused = () => Promise.reject(new Error('not used here'));
  return {
    name: 'stub',
    description: 'does nothing',
    createStore: () => ({ specs: {}, read: unused, write() {}, dispose() {} }),
    compile: unused,
    dispose: async () => void events.push('disposed engine'),
  };
}

const host = (options: Omit<CreateHostOptions, 'logger'>) => createHost({ logger: silent, ...options });

async function failure(promise: Promise<unknown>): Promise<TransfuseError> {
  const error = await promise.then(
    () => new Error('nothing was thrown'),
    (reason: unknown) => reason,
  );
  if (error instanceof TransfuseError) return error;
  throw error;
}

describe('createHost', () => {
  it('lists plugins and what they contribute', async () => {
    const created = await host({ plugins: [plugin('acme', { contributions: [scheduleContribution('cosine')] })] });
    expect(created.plugins().map(({ manifest }) => manifest.name)).toEqual(['acme']);
    expect(created.contributions()).toMatchObject([
      { kind: 'noise-schedule', name: 'cosine', description: 'The schedule cosine', plugin: 'acme' },
    ]);
    expect(created.contributions('noise-schedule')).toHaveLength(1);
    expect(created.contributions('sampler')).toEqual([]);
  });

  it('sets plugins up after the ones they require, otherwise in the given order, and disposes in reverse', async () => {
    const events: string[] = [];
    const created = await host({ plugins: [traced(events, 'a', ['c']), traced(events, 'b'), traced(events, 'c')] });
    await created.dispose();
    expect(events).toEqual(['set up c', 'set up a', 'set up b', 'disposed b', 'disposed a', 'disposed c']);
  });

  it('gives a plugin its own settings, validated and defaulted, and the logger', async () => {
    let seen: unknown;
    const configured = plugin('acme', {
      manifest: { configSchema: { type: 'object', properties: { cache: { type: 'integer', default: 4 } } } },
      setUp: ({ config, logger }) => void (seen = { config, logger }),
    });
    await host({ plugins: [configured], config: { plugin: { acme: { folder: 'x' } } } });
    expect(seen).toEqual({ config: { cache: 4, folder: 'x' }, logger: silent });
  });

  it('rejects wrong settings of a plugin under its name', async () => {
    const configSchema = { type: 'object', properties: { cache: { type: 'integer' } } };
    const plugins = [plugin('acme', { manifest: { configSchema } }), plugin('plain')];
    expect(await failure(host({ plugins, config: { plugin: { acme: { cache: 'big' } } } }))).toMatchObject({
      code: 'plugin.config-invalid',
      place: 'plugin.acme.cache',
    });
    expect(await failure(host({ plugins, config: { plugin: { plain: { cache: 1 } } } }))).toMatchObject({
      code: 'plugin.config-invalid',
      place: 'plugin.plain.cache',
    });
    expect(await failure(host({ plugins, config: { plugin: { acne: {} } } }))).toMatchObject({
      code: 'plugin.missing',
      place: 'plugin.acne',
      mend: 'Write `acme`, or add acne to `plugins`.',
    });
  });

  it('rejects two plugins of one name, a missing requirement and a circle before any runs', async () => {
    const events: string[] = [];
    const a = traced(events, 'a', ['b']);
    expect(await failure(host({ plugins: [traced(events, 'x'), traced(events, 'x')] }))).toMatchObject({
      code: 'plugin.duplicate',
      place: 'plugins[1]',
    });
    expect(await failure(host({ plugins: [a] }))).toMatchObject({
      code: 'plugin.missing',
      place: 'a: manifest.requires',
    });
    expect(await failure(host({ plugins: [a, traced(events, 'b', ['a'])] }))).toMatchObject({
      code: 'plugin.manifest-invalid',
      found: 'a circle (a requires b requires a)',
    });
    expect(events).toEqual([]);
  });

  it('rejects two contributions of one kind and name, naming both plugins', async () => {
    const contributions = [scheduleContribution('cosine')];
    const error = await failure(
      host({ plugins: [plugin('one', { contributions }), plugin('two', { contributions })] }),
    );
    expect(error).toMatchObject({ code: 'contribution.duplicate', found: 'contributions of both one and two' });
  });

  it('uses a given engine and leaves it alone when it is disposed of', async () => {
    const events: string[] = [];
    const engine = engineStub(events);
    const created = await host({ plugins: [], engine, chooseEngine: () => Promise.reject(new Error('must not run')) });
    expect(created.engine).toBe(engine);
    await created.dispose();
    expect(events).toEqual([]);
  });

  it('chooses an engine by the configuration and disposes of it first', async () => {
    const events: string[] = [];
    const created = await host({
      plugins: [traced(events, 'a')],
      config: { engine: { threads: 2 } },
      chooseEngine: async (config) => {
        events.push(JSON.stringify(config));
        return engineStub(events);
      },
    });
    expect(created.engine.name).toBe('stub');
    await created.dispose();
    expect(events).toEqual(['set up a', '{"threads":2,"name":"auto"}', 'disposed engine', 'disposed a']);
  });

  it('takes the compiled engine where nothing is said', async () => {
    const created = await host({ plugins: [] });
    expect(created.engine.name).toBe('compiled');
    await created.dispose();
  });

  it('takes plugins down when choosing an engine fails', async () => {
    const events: string[] = [];
    const chooseEngine = () => Promise.reject(new Error('no threads left'));
    await expect(host({ plugins: [traced(events, 'a')], chooseEngine })).rejects.toThrow('no threads left');
    expect(events).toEqual(['set up a', 'disposed a']);
  });

  it('keeps hosts apart, even with one plugin in both', async () => {
    const events: string[] = [];
    const shared = traced(events, 'shared');
    const one = await host({ plugins: [shared, plugin('one', { contributions: [scheduleContribution('cosine')] })] });
    const two = await host({ plugins: [shared, plugin('two', { contributions: [scheduleContribution('linear')] })] });
    expect(one.contributions().map(({ name }) => name)).toEqual(['cosine']);
    expect(two.contributions().map(({ name }) => name)).toEqual(['linear']);
    expect(await failure(two.create('noise-schedule', 'cosine'))).toMatchObject({ code: 'contribution.missing' });
    await one.dispose();
    expect(events).toEqual(['set up shared', 'set up shared', 'disposed shared']);
    await expect(two.create('noise-schedule', 'linear')).resolves.toMatchObject({ name: 'linear' });
  });
});

describe('Host.create', () => {
  const plugins = [plugin('acme', { contributions: [scheduleContribution('cosine'), scheduleContribution('linear')] })];

  it('hands the factory validated settings, and makes a new thing each time', async () => {
    const created = await host({ plugins });
    const first = await created.create('noise-schedule', 'cosine');
    expect(first.config).toEqual({ shift: 1 });
    expect((await created.create('noise-schedule', 'cosine', { shift: 3 })).config).toEqual({ shift: 3 });
    expect(await created.create('noise-schedule', 'cosine')).not.toBe(first);
  });

  it('rejects wrong settings under kind and name, or under the place that was given', async () => {
    const created = await host({ plugins });
    expect(await failure(created.create('noise-schedule', 'cosine', { shfit: 2 }))).toMatchObject({
      code: 'config.invalid',
      place: 'noise-schedule cosine.shfit',
      mend: 'Rename it to `shift`.',
    });
    const place = 'objective.schedule';
    expect(await failure(created.create('noise-schedule', 'cosine', { shift: 'a' }, { place }))).toMatchObject({
      place: 'objective.schedule.shift',
    });
  });

  it('lists what there is, and the nearest name, when the name is unknown', async () => {
    const created = await host({ plugins });
    expect(await failure(created.create('noise-schedule', 'cosin'))).toMatchObject({
      code: 'contribution.missing',
      place: 'noise-schedule cosin',
      expected: 'one of cosine, linear',
      mend: 'Write `cosine`.',
    });
    expect((await failure(created.create('sampler', 'euler'))).expected).toBe('a plugin that contributes a sampler');
  });

  it('hands the factory a context: the logger, the engine, no assets, and whatever the caller adds', async () => {
    const seen: unknown[] = [];
    const base = scheduleContribution('seen');
    const contributions = [
      { ...base, create: (_: unknown, context: unknown) => (seen.push(context), schedule('seen')) },
    ];
    const created = await host({ plugins: [plugin('acme', { contributions })] });
    await created.create('noise-schedule', 'seen');
    const assets = { 'tokenizer.json': new Uint8Array(2) };
    await created.create('noise-schedule', 'seen', {}, { assets, place: 'x' });
    expect(seen).toEqual([
      { logger: silent, engine: created.engine, assets: {} },
      { logger: silent, engine: created.engine, assets },
    ]);
  });

  it('keeps `this` of a contribution that is a class instance', async () => {
    class Shifted {
      readonly kind = 'noise-schedule';
      readonly name = 'shifted';
      readonly description = 'An instance';
      readonly configSchema = { type: 'object' };
      readonly #shift = 3;
      create() {
        return schedule('shifted', { shift: this.#shift });
      }
    }
    const created = await host({ plugins: [plugin('acme', { contributions: [new Shifted()] })] });
    expect((await created.create('noise-schedule', 'shifted')).config).toEqual({ shift: 3 });
  });
});

describe('Host.dispose', () => {
  it('runs once, however often it is called, and closes everything but the logger', async () => {
    const events: string[] = [];
    const created = await host({ plugins: [traced(events, 'a')], engine: engineStub() });
    await Promise.all([created.dispose(), created.dispose()]);
    await created.dispose();
    expect(events).toEqual(['set up a', 'disposed a']);
    const closed = expect.objectContaining({ code: 'host.disposed' });
    expect(() => created.plugins()).toThrow(closed);
    expect(() => created.contributions()).toThrow(closed);
    expect(() => created.engine).toThrow(closed);
    await expect(created.create('sampler', 'euler')).rejects.toThrow(closed);
    expect(created.logger).toBe(silent);
  });

  it('is what `await using` calls', async () => {
    const events: string[] = [];
    const created = await host({ plugins: [traced(events, 'a')] });
    await created[Symbol.asyncDispose]();
    expect(events).toEqual(['set up a', 'disposed a']);
    expect(Object.keys(created)).not.toContain('undefined');
  });

  it('tries every plugin and collects what they throw into one error', async () => {
    const events: string[] = [];
    const failing = (name: string) => plugin(name, { dispose: () => Promise.reject(new Error(`stuck ${name}`)) });
    const created = await host({ plugins: [traced(events, 'first'), failing('b'), failing('c')] });
    const error = await failure(created.dispose());
    expect(error).toMatchObject({ code: 'plugin.failed', place: 'c, b' });
    expect(await failure(created.dispose())).toBe(error);
    expect((error.cause as AggregateError).errors.map(String)).toEqual(['Error: stuck c', 'Error: stuck b']);
    expect(events).toEqual(['set up first', 'disposed first']);
  });
});

describe('an engine that a plugin contributes', () => {
  const bringing = (events: string[]) =>
    plugin('fast', {
      manifest: { provides: ['engine:fast'] },
      contributions: [
        {
          kind: 'engine',
          name: 'fast',
          description: 'A fast engine.',
          configSchema: {
            type: 'object',
            properties: { lanes: { type: 'integer', default: 4 } },
            additionalProperties: false,
          },
          create: (settings) => {
            events.push(JSON.stringify(settings));
            return { ...engineStub(events), name: 'fast' };
          },
        },
      ],
    });

  it('is chosen by its name, made of its own settings, and disposed of with the host', async () => {
    const events: string[] = [];
    const created = await host({
      plugins: [bringing(events)],
      config: { engine: { name: 'fast', settings: { lanes: 2 } } },
    });
    expect(created.engine.name).toBe('fast');
    await created.dispose();
    expect(events).toEqual(['{"lanes":2}', 'disposed engine']);
  });

  it('is refused where no plugin brings it, and where its settings are wrong', async () => {
    expect(await failure(host({ plugins: [], config: { engine: { name: 'fast' } } }))).toMatchObject({
      code: 'contribution.missing',
    });
    const wrong = host({ plugins: [bringing([])], config: { engine: { name: 'fast', settings: { lines: 2 } } } });
    expect(await failure(wrong)).toMatchObject({ code: 'config.invalid', place: 'engine.settings.lines' });
  });

  it('takes nothing that belongs to our own engines, and they take no settings', async () => {
    const backend = host({ plugins: [bringing([])], config: { engine: { name: 'fast', backend: 'cpu' } } });
    expect(await failure(backend)).toMatchObject({ code: 'config.invalid', place: 'engine.backend' });
    const settings = host({ plugins: [], config: { engine: { name: 'compiled', settings: {} } } });
    expect(await failure(settings)).toMatchObject({ code: 'config.invalid', place: 'engine.settings' });
  });
});
