import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram, runProgram } from './program.ts';
import { recordSurroundings } from './testing/recorded-surroundings.ts';

const config = {
  data: { name: 'emoji', size: 16 },
  model: { preset: 'nano' },
  modalities: { text: { adapter: 'bpe' }, image: { adapter: 'linear-patch', size: 16, patchSize: 8 } },
  train: { steps: 20 },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfuse-program-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function run(...args: string[]) {
  const surroundings = recordSurroundings();
  const exitCode = await runProgram(args, surroundings);
  return { exitCode, ...surroundings.written };
}

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('the program', () => {
  it('lists its commands', async () => {
    const { exitCode, stdout, stderr } = await run('--help');
    expect([exitCode, stderr]).toEqual([0, '']);
    for (const name of [
      'train',
      'train-codec',
      'generate',
      'caption',
      'inspect',
      'plugins',
      'doctor',
      'setup',
      'new',
      'export',
      'demo',
    ]) {
      expect(stdout).toContain(`\n  ${name} `);
    }
    expect(createProgram().commands).toHaveLength(11);
  });

  it('prints its version', async () => {
    expect(await run('--version')).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it.each([
    ['no command', []],
    ['an unknown command', ['trian']],
    ['an unknown option', ['train', 'x.json', '--widht', '3']],
    ['a missing argument', ['generate']],
    ['an option without its value', ['train', 'x.json', '--out']],
    ['a number that is none', ['generate', 'x', 'y', '--seed', 'seven']],
    ['a count of zero', ['train', 'x.json', '--steps', '0']],
    ['an engine nobody knows', ['doctor', '--engine', 'fast']],
  ])('ends with 2 for %s, and says so on standard error only', async (_, args) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).not.toBe('');
  });

  it('prints wrong usage as JSON where JSON is asked for', async () => {
    const { exitCode, stdout, stderr } = await run('inspect', 'x', '--json', '--bogus');
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(JSON.parse(stderr)).toEqual({
      error: expect.objectContaining({ code: 'usage', place: 'command line', found: "unknown option '--bogus'" }),
    });
  });
});

describe('errors', () => {
  it('are one sentence with the code, and exit code 2', async () => {
    const { exitCode, stdout, stderr } = await run('train', join(folder, 'none.json'));
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr.split('\n')).toHaveLength(2);
    expect(stderr).toContain('none.json: found no such file');
    expect(stderr).toContain('[config.not-found]');
  });

  it('name the misspelt field of a configuration', async () => {
    const path = await file('misspelt.json', { ...config, train: { stepps: 20 } });
    const { exitCode, stderr } = await run('train', path);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('train.stepps');
    expect(stderr).toContain('Rename it to `steps`');
  });

  it('are JSON with five fields where JSON is asked for', async () => {
    const { exitCode, stdout, stderr } = await run('inspect', join(folder, 'none'), '--json');
    expect([exitCode, stdout]).toEqual([2, '']);
    const { error } = JSON.parse(stderr) as { error: Record<string, string> };
    expect(Object.keys(error)).toEqual(['code', 'place', 'found', 'expected', 'mend']);
    expect(error['code']).toBe('checkpoint.not-found');
  });

  it('show their stack only with --debug', async () => {
    const args = ['plugins', '--config', join(folder, 'none.json')];
    expect((await run(...args)).stderr).not.toContain('    at ');
    expect((await run(...args, '--debug')).stderr).toContain('    at ');
  });

  it('take words after -- as words', async () => {
    const { stderr } = await run('generate', join(folder, 'none'), '--', '--json');
    expect(stderr).toContain('[checkpoint.not-found]');
    expect(stderr).not.toContain('{');
  });
});

describe('plugins', () => {
  it('lists the default plugins and what each provides', async () => {
    const { exitCode, stdout, stderr } = await run('plugins');
    expect([exitCode, stderr]).toEqual([0, '']);
    for (const name of ['bpe', 'linear-patch', 'flow-matching', 'euler', 'emoji'])
      expect(stdout).toContain(` ${name} `);
  });

  it('adds those of a configuration, in JSON too', async () => {
    await file(
      'shapes.mjs',
      `export const shapes = {
        manifest: { name: 'acme-shapes', version: '1.2.3', api: '^1.0.0', provides: ['dataset:shapes'] },
        contributions: [{ kind: 'dataset', name: 'shapes', description: 'Shapes', configSchema: {}, create: () => ({}) }],
      };`,
    );
    const path = await file('with-shapes.json', { ...config, plugins: ['./shapes.mjs'] });
    const { exitCode, stdout } = await run('plugins', '--json', '--config', path);
    expect(exitCode).toBe(0);
    const plugins = JSON.parse(stdout) as { name: string; version: string; provides: { name: string }[] }[];
    expect(plugins).toHaveLength(9);
    expect(plugins.find(({ name }) => name === 'acme-shapes')).toMatchObject({
      version: '1.2.3',
      provides: [{ kind: 'dataset', name: 'shapes', description: 'Shapes' }],
    });
  });
});

describe('doctor', () => {
  it('tries the engines and names the one commands would use', async () => {
    const { exitCode, stdout } = await run('doctor', '--json', '--engine', 'eager');
    const health = JSON.parse(stdout) as Record<string, unknown>;
    expect(exitCode).toBe(0);
    expect(health['chosen']).toMatchObject({ works: true, engine: 'eager' });
    expect(health['engines']).toContainEqual(
      expect.objectContaining({ name: 'eager on cpu', trial: expect.objectContaining({ works: true }) }),
    );
    expect(health['node']).toBe(process.versions.node);
  });

  it('ends with 1 where the engine that would be chosen fails', async () => {
    const { exitCode, stdout } = await run('doctor', '--backend', 'no-such-backend');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('does not work');
  });
});
