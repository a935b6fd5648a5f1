import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../program.ts';
import { recordSurroundings } from '../testing/recorded-surroundings.ts';
import { templateKinds } from './template-kind.ts';

let place: string;
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'transfuse-new-'));
});
afterAll(() => rm(place, { recursive: true }));

async function make(...args: string[]) {
  const surroundings = recordSurroundings();
  const exitCode = await runProgram(['new', ...args], surroundings);
  return { exitCode, ...surroundings.written };
}

describe('transfuse new', () => {
  it.each(templateKinds)('makes a %s without anything left of the template’s name', async (kind) => {
    const folder = join(place, kind);
    const { exitCode, stdout, stderr } = await make(kind, '@acme/first-try2', '--folder', folder);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain('npm install && npm test');
    const entries = await readdir(folder, { recursive: true });
    for (const file of ['package.json', 'tsconfig.json', 'README.md', 'LICENSE', '.gitignore', 'src/index.ts']) {
      expect(entries).toContain(file);
    }
    expect(entries).toContain('test/first-try2.test.ts');
    for (const entry of entries.filter((name) => /\.\w+$/.test(name))) {
      expect(`${entry}\n${await readFile(join(folder, entry), 'utf8')}`).not.toMatch(
        /template-?(name|package)|-template"/i,
      );
    }
    expect(await readFile(join(folder, 'src/index.ts'), 'utf8')).toContain('FirstTry2');
  });

  it('says what npm needs as long as the packages it depends on are not published', async () => {
    const { version } = JSON.parse(await readFile('packages/core/package.json', 'utf8')) as { version: string };
    const { stdout } = await make('schedule', 'early', '--folder', join(place, 'early'));
    expect(stdout.includes('not published yet')).toBe(version === '0.0.0');
  });

  it('makes a package that npm can publish, beside the core package of its own version', async () => {
    const folder = join(place, 'publishable');
    await make('adapter', '@acme/series', '--folder', folder);
    const core = JSON.parse(await readFile('packages/core/package.json', 'utf8')) as { version: string };
    expect(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))).toMatchObject({
      name: '@acme/series',
      type: 'module',
      files: ['dist/src', 'src'],
      exports: { '.': { types: './dist/src/index.d.ts', default: './dist/src/index.js' } },
      scripts: { prepublishOnly: 'npm test' },
      peerDependencies: { '@transfuse/core': `^${core.version}`, '@tensorflow/tfjs-core': '4.22.0' },
    });
  });

  it('tells scripts in JSON what it made', async () => {
    const folder = join(place, 'json');
    const { stdout } = await make('guider', 'calm', '--folder', folder, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'guider',
      name: 'calm',
      folder,
      files: expect.arrayContaining(['src/calm.ts']),
    });
  });

  it('takes an empty folder, but none in use, and no file', async () => {
    const used = join(place, 'used');
    await mkdir(used);
    expect((await make('sampler', 'mine', '--folder', used)).exitCode).toBe(0);
    const before = await readdir(used, { recursive: true });
    const again = await make('guider', 'mine', '--folder', used);
    expect(again).toMatchObject({ exitCode: 2, stdout: '' });
    expect(again.stderr).toMatch(/found a folder with \d+ entries, expected no such folder yet.*\[file.unwritable\]/);
    expect(await readdir(used, { recursive: true })).toEqual(before);
    const file = join(place, 'a-file');
    await writeFile(file, '');
    expect((await make('guider', 'mine', '--folder', file)).stderr).toContain('found a file');
    expect((await make('guider', 'mine', '--folder', join(file, 'below'))).stderr).toContain('[file.unwritable]');
  });

  it.each(['My-Sampler', '2nd', 'a--b', '-a', 'a-', 'a_b', 'ä', '', '@acme/', '@/a', '../a', 'a/b', 'a'.repeat(215)])(
    'refuses the name "%s"',
    async (name) => {
      const { exitCode, stderr } = await make('sampler', '--folder', join(place, 'never'), '--', name);
      expect([exitCode, stderr.includes('[config.invalid]')]).toEqual([2, true]);
      expect(await readdir(place)).not.toContain('never');
    },
  );

  it('refuses a kind that is none', async () => {
    const { exitCode, stderr } = await make('model', 'mine');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Allowed choices are sampler, schedule, guider, adapter');
  });
});
