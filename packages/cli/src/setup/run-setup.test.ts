import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putFile, putPythonPackage, putTfjsNode } from '../testing/pretended-tensorflow.ts';
import { type RecordedCall, recordMachine } from '../testing/recorded-machine.ts';
import { recordSurroundings } from '../testing/recorded-surroundings.ts';
import type { ProgramResult } from './machine.ts';
import { runSetup } from './run-setup.ts';

let project: string;
let packageFolder: string;
beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'transfuse-setup-')));
  packageFolder = join(project, '.transfuse', 'tfjs-node', 'node_modules', '@tensorflow', 'tfjs-node');
  putFile(join(project, 'node', 'include', 'node', 'node_api.h'));
});
afterEach(() => rmSync(project, { recursive: true }));

const step = {
  description: 'TensorFlow 2.21.0, cpu',
  device: 'cpu',
  loss: 9.97451,
  referenceLoss: 9.97449,
  milliseconds: 81.4,
};
const works = (device = 'cpu') => ({ stdout: JSON.stringify({ step: { ...step, device } }) });
const fails = { code: 1, stdout: JSON.stringify({ problem: { found: 'undefined symbol: TF_X' } }) };

/** Whether npm is asked for the package as it is published, with its install script. */
const isOfficial = ({ program, args }: RecordedCall) => program === 'npm' && !args.includes('--ignore-scripts');
const outOfReach = { code: 1, stderr: 'npm error Error: getaddrinfo ENOTFOUND storage.example' };

interface MachineOptions {
  readonly compiler?: 'none';
  readonly platform?: string;
  /** What `npm install` of the official package does; by default its download is out of reach. */
  readonly official?: (folder: string) => Partial<ProgramResult>;
}

/** A machine with npm and a compiler that do their work, whose trials of a training step end one after the other like this. */
function machineWith(trials: readonly Partial<ProgramResult>[], options: MachineOptions = {}) {
  const left = [...trials];
  const answer = (call: RecordedCall): Partial<ProgramResult> | undefined => {
    const { program, args, folder } = call;
    if (program.endsWith('/node')) return left.shift();
    if (isOfficial(call)) return options.official?.(folder!) ?? outOfReach;
    if (program === 'npm') putTfjsNode(packageFolder);
    else if (program !== 'c++' || options.compiler === 'none') return undefined;
    const output = args.indexOf('-o') + 1;
    if (output > 0) writeFileSync(args[output]!, 'compiled');
    return { stdout: 'c++ 12.2' };
  };
  return recordMachine({ project, answer, ...(options.platform !== undefined && { platform: options.platform }) });
}

async function run(options: Parameters<typeof runSetup>[0], machine: ReturnType<typeof machineWith>) {
  const surroundings = recordSurroundings();
  const problem = await runSetup(options, surroundings, machine).then(
    () => undefined,
    (error: Error) => error,
  );
  const programs = machine.calls.map(
    (call) => `${isOfficial(call) ? 'official ' : ''}${call.program.split('/').at(-1)}`,
  );
  return { problem, ...surroundings.written, programs };
}

/** The official package for the CPU as npm installs it, with its binding. */
const installed = (folder: string) => {
  putTfjsNode(join(folder, 'node_modules', '@tensorflow', 'tfjs-node'), { binding: 'built' });
  return {};
};

describe('setting native TensorFlow up', () => {
  it('finds, gets, builds and tries, one line for each', async () => {
    const library = putPythonPackage(project);
    const { problem, stdout, stderr, programs } = await run({ libtensorflow: '.' }, machineWith([works()]));
    expect(problem).toBeUndefined();
    expect(stdout.split('\n')).toEqual([
      `library           found   TensorFlow 2.21.0 in ${library}, CPU only`,
      `Node headers      found   ${join(project, 'node', 'include', 'node')}`,
      'compiler          found   c++ 12.2',
      `sources           done    @tensorflow/tfjs-node 4.22.0 in ${packageFolder}`,
      `binding           done    ${join(packageFolder, 'lib', 'napi-v8', 'tfjs_binding.node')}`,
      'training step     done    TensorFlow 2.21.0, cpu: loss 9.9745 (CPU backend: 9.9745), 81 ms',
      '',
      'Native TensorFlow works; use it with --engine eager --backend tensorflow.',
      '',
    ]);
    expect(stderr.split('\n')).toEqual([
      'getting @tensorflow/tfjs-node 4.22.0 with npm …',
      'compiling the binding …',
      'training a step on it …',
      '',
    ]);
    expect(programs).toEqual(['c++', 'npm', 'c++', 'node']);
  });

  it('does nothing but a trial where one is there that works', async () => {
    putTfjsNode(packageFolder, { binding: 'built' });
    const { problem, stdout, programs } = await run({}, machineWith([works()]));
    expect(problem).toBeUndefined();
    expect(stdout).toContain(`package           found   @tensorflow/tfjs-node 4.22.0 in ${packageFolder}\n`);
    expect(programs).toEqual(['node']);
  });

  it('builds anew where the one that is there fails', async () => {
    putTfjsNode(packageFolder, { binding: 'built' });
    putPythonPackage(join(project, 'libtensorflow'));
    const { problem, stdout, programs } = await run({}, machineWith([fails, works()]));
    expect(problem).toBeUndefined();
    expect(stdout).toMatch(/^training step {5}failed {2}.*undefined symbol: TF_X.*$/m);
    expect(stdout).toContain('Native TensorFlow works');
    expect(programs).not.toContain('npm');
    expect(readFileSync(join(packageFolder, 'lib', 'napi-v8', 'tfjs_binding.node'), 'utf8')).toBe('compiled');
  });

  it('puts the old binding back where the new one fails', async () => {
    putTfjsNode(packageFolder, { binding: 'built' });
    putPythonPackage(project);
    const { problem } = await run({ libtensorflow: '.' }, machineWith([fails]));
    expect(problem).toMatchObject({ code: 'engine.unavailable', found: 'undefined symbol: TF_X' });
    expect(readFileSync(join(packageFolder, 'lib', 'napi-v8', 'tfjs_binding.node'), 'utf8')).toBe('the old one');
  });

  it('gets nothing with npm before it has found all that a build needs', async () => {
    putPythonPackage(project);
    const { problem, programs } = await run({ libtensorflow: '.' }, machineWith([], { compiler: 'none' }));
    expect(problem).toMatchObject({ place: 'C++ compiler' });
    expect(programs).not.toContain('npm');
    expect(existsSync(join(project, '.transfuse'))).toBe(false);
  });

  it('says which variable leads to a folder that the engine does not find by itself', async () => {
    putPythonPackage(project);
    const into = join(project, 'elsewhere');
    packageFolder = join(into, 'node_modules', '@tensorflow', 'tfjs-node');
    const { stdout } = await run({ libtensorflow: '.', into }, machineWith([works()]));
    expect(stdout).toContain(`set TRANSFUSE_TFJS_NODE=${packageFolder} and use it with`);
  });

  it('prints one piece of JSON where that is asked for', async () => {
    putPythonPackage(project);
    const { stdout, stderr } = await run({ libtensorflow: '.', json: true }, machineWith([works()]));
    const answer = JSON.parse(stdout) as { readonly steps: readonly { readonly name: string }[] };
    expect(answer).toMatchObject({ folder: packageFolder, trained: step });
    expect(answer.steps.map(({ name }) => name)).toEqual([
      'library',
      'Node headers',
      'compiler',
      'sources',
      'binding',
      'training step',
    ]);
    expect(stderr).toBe('');
  });

  it.each([{ libtensorflow: '.' }, {}])('refuses systems it cannot build on, with %o', async (options) => {
    const { problem, programs } = await run(options, machineWith([], { platform: 'win32' }));
    expect(programs).toEqual([]);
    expect(problem).toMatchObject({ place: 'win32 x64', mend: expect.stringContaining('Subsystem for Linux') });
  });
});

describe('the official package', () => {
  it('is all that is needed where it installs and works', async () => {
    const { problem, stdout, stderr, programs } = await run({}, machineWith([works()], { official: installed }));
    expect(problem).toBeUndefined();
    expect(stdout.split('\n')).toEqual([
      'package           found   no @tensorflow/tfjs-node yet',
      `official package  done    installed and verified, @tensorflow/tfjs-node 4.22.0 in ${packageFolder}`,
      'training step     done    TensorFlow 2.21.0, cpu: loss 9.9745 (CPU backend: 9.9745), 81 ms',
      '',
      'Native TensorFlow works; use it with --engine eager --backend tensorflow.',
      '',
    ]);
    expect(stderr.split('\n')).toEqual([
      'trying the official package, which downloads a TensorFlow library …',
      'training a step on it …',
      '',
    ]);
    expect(programs).toEqual(['official npm', 'node']);
  });

  it('is tried before a build, which follows where it does not install', async () => {
    const library = putPythonPackage(join(project, 'libtensorflow'));
    const { problem, stdout, programs } = await run({}, machineWith([works()]));
    expect(problem).toBeUndefined();
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      'package           found   no @tensorflow/tfjs-node yet',
      'official package  failed  not usable here (no way to storage.example: ENOTFOUND)',
      `library           found   TensorFlow 2.21.0 in ${library}, CPU only`,
    ]);
    expect(programs.filter((program) => program.endsWith('npm'))).toEqual(['official npm', 'npm']);
    expect(readFileSync(join(packageFolder, 'lib', 'napi-v8', 'tfjs_binding.node'), 'utf8')).toBe('compiled');
  });

  it('leaves nothing that a build would mistake for its sources, where a training step fails on it', async () => {
    putPythonPackage(join(project, 'libtensorflow'));
    const { problem, stdout, programs } = await run({}, machineWith([fails, works()], { official: installed }));
    expect(problem).toBeUndefined();
    expect(stdout).toContain('official package  failed  not usable here (undefined symbol: TF_X)\n');
    expect(programs.filter((program) => program.endsWith('npm'))).toEqual(['official npm', 'npm']);
    expect(stdout).toContain(`sources           done    @tensorflow/tfjs-node 4.22.0 in ${packageFolder}\n`);
  });

  it('is not tried where the user names a library', async () => {
    putPythonPackage(project);
    const { stdout, programs } = await run({ libtensorflow: '.' }, machineWith([works()], { official: installed }));
    expect(programs).not.toContain('official npm');
    expect(stdout).not.toContain('official package');
  });

  it('has its line in the JSON too', async () => {
    putPythonPackage(join(project, 'libtensorflow'));
    const { stdout } = await run({ json: true }, machineWith([works()]));
    const answer = JSON.parse(stdout) as { readonly steps: readonly unknown[] };
    const detail = 'not usable here (no way to storage.example: ENOTFOUND)';
    expect(answer.steps[1]).toEqual({ name: 'official package', outcome: 'failed', detail });
  });

  it.each([
    [{}, false],
    [{ debug: true }, true],
  ] as const)('shows what npm said where that is asked for: %o', async (options, shown) => {
    const { stderr } = await run(options, machineWith([]));
    expect(stderr.includes(outOfReach.stderr)).toBe(shown);
  });

  it('is given up at Ctrl-C, and nothing follows', async () => {
    const surroundings = recordSurroundings();
    const official = (folder: string) => (
      installed(folder),
      surroundings.interrupt(),
      { code: null, signal: 'SIGKILL' }
    );
    const machine = machineWith([], { official });
    await expect(runSetup({}, surroundings, machine)).rejects.toMatchObject({ name: 'ExitRequest', exitCode: 130 });
    expect(machine.calls).toHaveLength(1);
    expect(readdirSync(join(project, '.transfuse'))).toEqual([]);
    expect(surroundings.written.stdout).not.toContain('official package');
    expect(surroundings.written.stderr).toContain('Interrupted; nothing was set up.\n');
    expect(surroundings.listeners).toBe(0);
  });
});

describe('asking for a GPU', () => {
  it('builds for it even where a package for the CPU works', async () => {
    putTfjsNode(packageFolder, { binding: 'built' });
    putPythonPackage(join(project, 'libtensorflow'), { cuda: true });
    const { problem, stdout } = await run({ gpu: true }, machineWith([works('cpu'), works('gpu')]));
    expect(problem).toBeUndefined();
    expect(stdout).toMatch(/^training step {5}failed {2}.*--gpu asks for a GPU$/m);
    expect(stdout).toContain('CUDA 12.5.1 for sm_80, compute_90');
  });

  it('fails where the step ran on the CPU after all, and leaves the build to it', async () => {
    putPythonPackage(project, { cuda: true });
    const { problem } = await run({ gpu: true, libtensorflow: '.' }, machineWith([works('cpu')]));
    expect(problem).toMatchObject({
      found: expect.stringContaining('ran on the CPU'),
      mend: expect.stringContaining('nvidia-smi'),
    });
    expect(existsSync(join(packageFolder, 'lib', 'napi-v8', 'tfjs_binding.node'))).toBe(true);
  });
});
