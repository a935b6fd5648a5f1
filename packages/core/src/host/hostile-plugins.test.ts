import { describe, expect, it, vi } from 'vitest';
import type { Logger, Plugin } from '../contracts/index.ts';
import { TransfuseError } from '../errors/index.ts';
import { createHost } from './create-host.ts';

// A host loads other people's code. Whatever that code does, the error names the plugin and nothing is left running.

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const manifest = { name: 'acme', version: '1.0.0', api: '^1.0.0', provides: ['dataset:shapes'] };
const part = {
  kind: 'dataset',
  name: 'shapes',
  description: 'Shapes',
  configSchema: { type: 'object' },
  create: () => ({ name: 'shapes', prepare: () => Promise.reject(new Error('not used')) }),
};

const load = (...plugins: unknown[]) => createHost({ plugins: plugins as Plugin[], logger: silent });

async function failure(promise: Promise<unknown>): Promise<TransfuseError> {
  const error = await promise.then(
    () => new Error('nothing was thrown'),
    (reason: unknown) => reason,
  );
  if (error instanceof TransfuseError) return error;
  throw error;
}

describe('a malformed plugin', () => {
  it.each([undefined, 'acme', { manifest }])('cannot come in anything but a list: %j', async (plugins) => {
    const error = await failure(createHost({ plugins: plugins as unknown as Plugin[], logger: silent }));
    expect(error).toMatchObject({ code: 'config.invalid', place: 'plugins' });
  });

  it('is accepted once nothing is wrong with it', async () => {
    const host = await load({ manifest, contributions: [part] });
    await expect(host.create('dataset', 'shapes')).resolves.toMatchObject({ name: 'shapes' });
  });

  it.each<[unknown, string, string]>([
    [undefined, 'plugins[0]', 'nothing'],
    ['acme', 'plugins[0]', '"acme"'],
    [() => 1, 'plugins[0]', 'a function'],
    [{}, 'plugins[0]: manifest', 'nothing'],
    [{ manifest: 'acme', contributions: [] }, 'plugins[0]: manifest', '"acme"'],
    [{ manifest: { ...manifest, name: 'Acme Inc' } }, 'Acme Inc: manifest.name', '"Acme Inc"'],
    [{ manifest: { ...manifest, name: 7 } }, 'plugins[0]: manifest.name', '7'],
    [{ manifest: { ...manifest, version: 'one' } }, 'acme: manifest.version', '"one"'],
    [{ manifest: { ...manifest, api: 'newest' } }, 'acme: manifest.api', '"newest"'],
    [{ manifest: { ...manifest, provides: ['datset:x'] } }, 'acme: manifest.provides[0]', '"datset:x"'],
    [{ manifest: { ...manifest, require: [] } }, 'acme: manifest.require', '[]'],
    [{ manifest: { ...manifest, configSchema: { type: 'nope' } } }, 'acme: manifest.configSchema: schema', ''],
    [{ manifest }, 'acme: contributions', 'nothing'],
    [{ manifest, contributions: [null] }, 'acme: contributions[0]', 'null'],
    [{ manifest, contributions: [{ ...part, kind: 'data' }] }, 'acme: contributions[0].kind', '"data"'],
    [{ manifest, contributions: [{ ...part, name: '' }] }, 'acme: contributions[0].name', '""'],
    [{ manifest, contributions: [{ ...part, create: 1 }] }, 'acme: contributions[0].create', '1'],
    [
      { manifest, contributions: [{ ...part, configSchema: { typ: 1 } }] },
      'acme: contributions[0].configSchema: schema',
      'strict mode: unknown keyword: "typ"',
    ],
    [{ manifest, contributions: [] }, 'acme: manifest.provides[0]', '"dataset:shapes"'],
    [
      { manifest: { ...manifest, provides: [] }, contributions: [part] },
      'acme: manifest.provides',
      'no entry for the contribution "dataset:shapes"',
    ],
    [{ manifest, contributions: [part], setUp: true }, 'acme: setUp', 'true'],
  ])('%# is rejected with its place', async (plugin, place, found) => {
    const error = await failure(load(plugin));
    expect(error).toMatchObject({ code: 'plugin.manifest-invalid', place });
    expect(error.found).toContain(found);
  });

  it('asks for another API and is told so', async () => {
    const asking = (api: string) => load({ manifest: { ...manifest, api }, contributions: [part] });
    expect(await failure(asking('^0.9.0'))).toMatchObject({
      code: 'plugin.api-mismatch',
      place: 'acme: manifest.api',
      mend: 'Install a newer version of the plugin.',
    });
    expect((await failure(asking('^2.0.0'))).code).toBe('plugin.api-mismatch');
    await expect(asking('^1')).resolves.toBeDefined();
  });

  it('contributes the same thing twice and is told so', async () => {
    const error = await failure(load({ manifest, contributions: [part, part] }));
    expect(error).toMatchObject({ code: 'contribution.duplicate', found: 'two contributions of acme' });
  });

  it('cannot change its manifest after it was checked', async () => {
    const changing = { ...manifest };
    const host = await load({ manifest: changing, contributions: [part] });
    changing.name = 'other';
    expect(host.plugins()[0]?.manifest.name).toBe('acme');
  });
});

describe('a throwing plugin', () => {
  const throwing = (name: string) => ({
    get [name](): never {
      throw new Error(`no ${name} today`);
    },
  });

  it('is named when a getter throws', async () => {
    const plugins = [
      Object.defineProperties({}, Object.getOwnPropertyDescriptors(throwing('manifest'))),
      Object.defineProperties({ manifest }, Object.getOwnPropertyDescriptors(throwing('contributions'))),
    ];
    expect(await failure(load(plugins[0]))).toMatchObject({ code: 'plugin.failed', place: 'plugins[0]' });
    expect(await failure(load(plugins[1]))).toMatchObject({ code: 'plugin.failed', place: 'acme' });
    const inManifest = Object.defineProperties({ ...manifest }, Object.getOwnPropertyDescriptors(throwing('api')));
    expect(await failure(load({ manifest: inManifest }))).toMatchObject({ code: 'plugin.failed', place: 'acme' });
  });

  const throwNow = () => {
    throw new Error('boom');
  };

  it.each([
    ['at once', throwNow],
    ['later', () => Promise.reject(new Error('boom'))],
    ['something that is no error', () => Promise.reject('boom')],
  ])('is named when its set-up throws %s, and the others are disposed of in reverse order', async (_, setUp) => {
    const events: string[] = [];
    const good = (name: string) => ({
      manifest: { ...manifest, name, provides: [] },
      contributions: [],
      dispose: () => void events.push(name),
    });
    const bad = { manifest, contributions: [part], setUp, dispose: () => void events.push('acme') };
    const error = await failure(load(good('a'), good('b'), bad, good('c')));
    expect(error).toMatchObject({ code: 'plugin.failed', place: 'acme' });
    expect(error.message).toContain('boom');
    expect(events).toEqual(['b', 'a']);
  });

  it('does not hide the first error when another plugin fails to be disposed of', async () => {
    const warn = vi.fn<(message: string) => void>();
    const stuck = {
      manifest: { ...manifest, name: 'stuck', provides: [] },
      contributions: [],
      dispose: () => Promise.reject(new Error('stuck')),
    };
    const bad = { manifest, contributions: [part], setUp: () => Promise.reject(new Error('boom')) };
    const plugins = [stuck, bad] as unknown as Plugin[];
    expect((await failure(createHost({ plugins, logger: { ...silent, warn } }))).place).toBe('acme');
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('stuck'));
  });
});

describe('a throwing factory', () => {
  const created = (create: (config: unknown, context: { signal?: AbortSignal }) => unknown) =>
    load({ manifest, contributions: [{ ...part, create }] });

  it('is reported under the name of its plugin, with the cause', async () => {
    const cause = new Error('no disk');
    const host = await created(() => Promise.reject(cause));
    const error = await failure(host.create('dataset', 'shapes'));
    expect(error).toMatchObject({ code: 'plugin.failed', place: 'acme', cause });
    expect(error.found).toContain('while it created the dataset shapes');
  });

  it('may speak for itself with a TransfuseError', async () => {
    const own = new TransfuseError({ code: 'dataset.unavailable', place: 'p', found: 'f', expected: 'e', mend: 'm' });
    const host = await created(() => {
      throw own;
    });
    expect(await failure(host.create('dataset', 'shapes'))).toBe(own);
  });

  it('is not blamed for being aborted', async () => {
    const reason = new Error('enough');
    const host = await created((_, { signal }) => signal?.throwIfAborted());
    const signal = AbortSignal.abort(reason);
    await expect(host.create('dataset', 'shapes', {}, { signal })).rejects.toBe(reason);
  });

  it.each([undefined, null, 3])('is reported when it returns %s', async (value) => {
    const host = await created(() => value);
    expect(await failure(host.create('dataset', 'shapes'))).toMatchObject({ code: 'plugin.failed', place: 'acme' });
  });
});
