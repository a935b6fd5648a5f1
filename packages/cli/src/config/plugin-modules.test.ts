import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pluginsOf } from './plugin-modules.ts';

const plugin = (name: string) =>
  `{ manifest: { name: '${name}', version: '1.0.0', api: '^1.0.0', provides: [] }, contributions: [] }`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfuse-plugins-'));
  const installed = join(folder, 'node_modules', 'acme-installed');
  await mkdir(installed, { recursive: true });
  await writeFile(
    join(installed, 'package.json'),
    '{"name": "acme-installed", "type": "module", "exports": "./main.js"}',
  );
  await writeFile(join(installed, 'main.js'), `export default ${plugin('acme-installed')};`);
  await writeFile(join(folder, 'typed.ts'), `const made: object = ${plugin('acme-typed')}; export { made };`);
  await writeFile(join(folder, 'two.mjs'), `export const a = ${plugin('a')}; export const b = ${plugin('b')};`);
  await writeFile(join(folder, 'none.mjs'), 'export const a = 1;');
  await writeFile(join(folder, 'throws.mjs'), "throw new Error('boom');");
});
afterAll(() => rm(folder, { recursive: true }));

const load = (plugins: unknown) => pluginsOf({ path: join(folder, 'run.json'), name: 'run', value: { plugins } });
const names = async (plugins: unknown) => (await load(plugins)).map(({ manifest }) => manifest.name);
const failure = (plugins: unknown) => load(plugins).catch((error: unknown) => error);

describe('pluginsOf', () => {
  it('takes a package that is installed where the configuration is, and a file beside it', async () => {
    expect(await names(['acme-installed', './typed.ts'])).toEqual(['acme-installed', 'acme-typed']);
  });

  it('keeps what is already a plugin, and needs no list', async () => {
    const given = { manifest: { name: 'given', version: '1.0.0', api: '^1.0.0', provides: [] }, contributions: [] };
    expect(await load([given])).toEqual([given]);
    expect(await load(undefined)).toEqual([]);
  });

  it.each(['acme-absent', './absent.ts'])('names the module %s that is not found', async (specifier) => {
    expect(await failure([specifier])).toMatchObject({
      code: 'plugin.missing',
      place: `plugins: ${specifier}`,
    });
  });

  it.each([
    ['./throws.mjs', 'plugin.failed', 'an error while it was imported (boom)'],
    ['./two.mjs', 'plugin.manifest-invalid', 'the plugins a, b'],
    ['./none.mjs', 'plugin.manifest-invalid', 'no plugin'],
    [3, 'plugin.manifest-invalid', '3'],
  ])('says what is wrong with %s', async (entry, code, found) => {
    expect(await failure([entry])).toMatchObject({ code, found });
  });

  it('wants a list', async () => {
    expect(await failure('acme-installed')).toMatchObject({ code: 'config.invalid', place: 'plugins' });
  });
});
