import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNativeTensorflow } from '@transfuse/core/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putFile, putTfjsNode } from '../testing/pretended-tensorflow.ts';
import { type RecordedCall, recordMachine } from '../testing/recorded-machine.ts';
import type { ProgramResult } from './machine.ts';
import { installOfficialPackage, type OfficialRequest } from './official-package.ts';

let project: string;
let root: string;
beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'transfuse-official-')));
  root = join(project, '.transfuse', 'tfjs-node');
});
afterEach(() => rmSync(project, { recursive: true }));

const { signal } = new AbortController();
const inModules = (folder: string) => join(folder, 'node_modules', '@tensorflow', 'tfjs-node');

/** npm, as it answers. */
type Npm = (call: RecordedCall) => Partial<ProgramResult> | undefined;
const installs: Npm = ({ folder }) => (putTfjsNode(inModules(folder!), { binding: 'built' }), {});
/** An npm that is through with half of its work when it fails. */
const failsWith =
  (result: Partial<ProgramResult> | undefined): Npm =>
  ({ folder }) => (putTfjsNode(inModules(folder!)), result);

function install(answer: Npm, request: Partial<OfficialRequest> = {}) {
  const machine = recordMachine({ project, answer });
  return { machine, done: installOfficialPackage({ device: 'any', signal, ...request }, machine) };
}

/** What an earlier setup left. */
const putEarlier = (folder = root) => {
  putFile(join(folder, 'package.json'), '{"private":true}');
  putFile(join(folder, '.gitignore'), '*\n');
  putFile(join(folder, 'earlier'));
};

describe('the official package', () => {
  it('is installed with its install script, and found only when npm is through', async () => {
    let during: readonly unknown[] | undefined;
    const { machine, done } = install((call) => {
      installs(call);
      during = findNativeTensorflow({ project, environment: {} }).filter(({ folder }) => folder.startsWith(project));
      return {};
    });
    const { title, folder, keep } = await done;
    keep();
    expect([title, folder]).toEqual(['@tensorflow/tfjs-node 4.22.0', inModules(root)]);
    expect(during).toEqual([]);
    expect(findNativeTensorflow({ project, environment: {} })[0]).toMatchObject({ folder, built: true });
    expect(readdirSync(join(project, '.transfuse'))).toEqual(['tfjs-node']);
    expect(machine.calls).toHaveLength(1);
    expect(machine.calls[0]).toMatchObject({ program: 'npm', signal });
    expect(machine.calls[0]!.args).toContain('@tensorflow/tfjs-node@4.22.0');
    expect(machine.calls[0]!.args).not.toContain('--ignore-scripts');
    const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(manifest).toEqual({ private: true, allowScripts: { '@tensorflow/tfjs-node': true } });
  });

  it('is another one for a GPU', async () => {
    const { machine, done } = install(installs, { device: 'gpu', into: 'native' });
    expect((await done).folder).toBe(join(project, 'native', 'node_modules', '@tensorflow', 'tfjs-node-gpu'));
    expect(machine.calls[0]!.args).toContain('@tensorflow/tfjs-node-gpu@4.22.0');
  });

  it.each(['takeBack', 'keep'] as const)('replaces what an earlier setup left, until %s', async (end) => {
    putEarlier();
    const installed = await install(installs).done;
    expect(existsSync(join(root, 'earlier'))).toBe(false);
    installed[end]();
    expect(existsSync(join(root, 'earlier'))).toBe(end === 'takeBack');
    expect(existsSync(installed.folder)).toBe(end === 'keep');
    expect(readdirSync(join(project, '.transfuse'))).toEqual(['tfjs-node']);
  });

  it('is gone after takeBack where nothing was before', async () => {
    (await install(installs).done).takeBack();
    expect(readdirSync(join(project, '.transfuse'))).toEqual([]);
  });

  it('puts back what a run that was killed had set aside, and forgets the rest', async () => {
    putFile(join(`${root}.transfuse-unfinished`, 'node_modules', 'half'));
    putFile(join(`${root}.transfuse-previous`, 'old'));
    putFile(join(root, 'untried'));
    (await install(installs).done).takeBack();
    expect(readdirSync(join(project, '.transfuse'))).toEqual(['tfjs-node']);
    expect(readdirSync(root)).toEqual(['old']);
  });

  it('goes into an empty folder', async () => {
    mkdirSync(join(project, 'native'));
    await install(installs, { into: 'native' }).done;
    expect(existsSync(inModules(join(project, 'native')))).toBe(true);
  });

  it('does not replace a folder with things of the user’s', async () => {
    putFile(join(project, 'native', 'package.json'), '{"name":"mine"}');
    const { machine, done } = install(installs, { into: 'native' });
    await expect(done).rejects.toMatchObject({
      found: expect.stringContaining('other things'),
      place: expect.any(String),
    });
    expect(machine.calls).toEqual([]);
    expect(readdirSync(join(project, 'native'))).toEqual(['package.json']);
  });
});

const ofScript = (line: string) => `npm error code 1\nnpm error command failed\nnpm error ${line}\nnpm error     at x`;

describe('where its installation fails', () => {
  it.each([
    ['there is no npm', undefined, 'no program npm'],
    [
      'the download is out of reach',
      { code: 1, stderr: ofScript('Error: getaddrinfo ENOTFOUND storage.example') },
      'no way to storage.example: ENOTFOUND',
    ],
    [
      'the registry is out of reach',
      { code: 1, stderr: 'npm error code ETIMEDOUT' },
      'no way to the registry: ETIMEDOUT',
    ],
    [
      'the install script fails',
      { code: 1, stderr: ofScript('Error: Unsupported system') },
      'its installation fails: Error: Unsupported system',
    ],
    ['npm is ended', { code: null, signal: 'SIGKILL' }, 'npm ended by SIGKILL'],
    ['no install script has run', {}, 'npm ran no install script, or one that left no compiled binding'],
  ])('because %s, it says so and leaves everything as it was', async (_, result, found) => {
    putEarlier();
    await expect(install(failsWith(result)).done).rejects.toMatchObject({ code: 'engine.unavailable', found });
    expect(readdirSync(join(project, '.transfuse'))).toEqual(['tfjs-node']);
    expect(readdirSync(root).toSorted()).toEqual(['.gitignore', 'earlier', 'package.json']);
  });

  it('keeps what npm said', async () => {
    await expect(install(failsWith({ code: 1, stderr: 'all of it' })).done).rejects.toMatchObject({
      cause: 'all of it',
    });
  });
});
