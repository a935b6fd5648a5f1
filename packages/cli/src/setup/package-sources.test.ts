import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putFile, putTfjsNode } from '../testing/pretended-tensorflow.ts';
import { type RecordedMachineOptions, recordMachine } from '../testing/recorded-machine.ts';
import { getSources, planSources } from './package-sources.ts';

let project: string;
beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'transfuse-sources-')));
});
afterEach(() => rmSync(project, { recursive: true }));

const inModules = (folder: string) => join(folder, 'node_modules', '@tensorflow', 'tfjs-node');
const machine = (options: Partial<RecordedMachineOptions> = {}) => recordMachine({ project, ...options });

describe('the package is built', () => {
  it('below .transfuse, where there is none', () => {
    const into = join(project, '.transfuse', 'tfjs-node');
    expect(planSources(undefined, machine())).toEqual({ folder: inModules(into), into });
  });

  it('where it is installed without its binding', () => {
    const folder = putTfjsNode(inModules(project));
    expect(planSources(undefined, machine())).toEqual({ folder });
  });

  it('where it was built before', () => {
    const folder = putTfjsNode(inModules(join(project, '.transfuse', 'tfjs-node')), { binding: 'built' });
    expect(planSources(undefined, machine())).toEqual({ folder });
  });

  it.each([
    ['that has a binding of its own', { binding: 'built' }],
    ['of another version', { version: '4.17.0' }],
  ] as const)('below .transfuse, beside an installed package %s', (_, state) => {
    putTfjsNode(inModules(project), state);
    expect(planSources(undefined, machine()).into).toBe(join(project, '.transfuse', 'tfjs-node'));
  });

  it('in the folder that is named, where npm is needed only once', () => {
    putTfjsNode(inModules(project));
    const into = join(project, 'native');
    expect(planSources('native', machine())).toEqual({ folder: inModules(into), into });
    const folder = putTfjsNode(inModules(into));
    expect(planSources('native', machine())).toEqual({ folder });
  });
});

describe('getting the package', () => {
  const install = (answer: RecordedMachineOptions['answer'], into = join(project, 'native')) =>
    getSources({ folder: inModules(into), into }, machine({ ...(answer && { answer }) }));

  it('runs npm without install scripts, in a folder that Git leaves alone', async () => {
    const into = join(project, 'native');
    const npm = machine({ answer: () => (putTfjsNode(inModules(into)), {}) });
    expect(await getSources({ folder: inModules(into), into }, npm)).toEqual({
      folder: inModules(into),
      state: 'installed',
    });
    expect(npm.calls).toHaveLength(1);
    expect(npm.calls[0]).toMatchObject({ program: 'npm', folder: into });
    expect(npm.calls[0]!.args).toEqual(
      expect.arrayContaining(['install', '--ignore-scripts', '@tensorflow/tfjs-node@4.22.0']),
    );
    expect(readFileSync(join(into, '.gitignore'), 'utf8')).toBe('*\n');
    expect(JSON.parse(readFileSync(join(into, 'package.json'), 'utf8'))).toEqual({ private: true });
  });

  it('asks the registry that the project is configured for', async () => {
    putFile(join(project, '.npmrc'), 'registry=https://registry.example\n');
    const into = join(project, 'native');
    await install(() => (putTfjsNode(inModules(into)), {}));
    expect(readFileSync(join(into, '.npmrc'), 'utf8')).toBe('registry=https://registry.example\n');
  });

  it('leaves a project that is there as it is', async () => {
    const into = join(project, 'native');
    putFile(join(into, 'package.json'), '{"name":"mine"}');
    await install(() => (putTfjsNode(inModules(into)), {}));
    expect(readFileSync(join(into, 'package.json'), 'utf8')).toBe('{"name":"mine"}');
    expect(existsSync(join(into, '.gitignore'))).toBe(false);
  });

  it.each([
    ['there is no npm', undefined, { place: 'npm', found: 'no such program' }],
    [
      'the registry is out of reach',
      { code: 1, stderr: 'npm error code ENOTFOUND\nnpm error network request to … failed' },
      { found: 'no way to the registry (ENOTFOUND)', mend: expect.stringContaining('npm config get registry') },
    ],
    [
      'npm fails in another way',
      { code: 1, stderr: 'npm notice x\nnpm error code E404\nnpm error 404 Not Found' },
      { place: 'npm install @tensorflow/tfjs-node@4.22.0', found: 'a failure (npm error code E404)' },
    ],
    ['what npm brought lacks the sources', {}, { found: expect.stringContaining('without binding/tfjs_backend.cc') }],
  ])('fails where %s', async (_, result, expected) => {
    await expect(install(() => result)).rejects.toMatchObject({ code: 'engine.unavailable', ...expected });
  });

  it('fails where the folder cannot be made', async () => {
    putFile(join(project, 'file'));
    await expect(install(() => ({}), join(project, 'file', 'below'))).rejects.toMatchObject({
      place: join(project, 'file', 'below'),
      mend: expect.stringContaining('--into'),
    });
  });
});
