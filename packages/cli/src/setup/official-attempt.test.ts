import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putFile, putTfjsNode } from '../testing/pretended-tensorflow.ts';
import { recordMachine } from '../testing/recorded-machine.ts';
import { recordSurroundings } from '../testing/recorded-surroundings.ts';
import type { Machine, ProgramResult } from './machine.ts';
import { attemptOfficialPackage } from './official-attempt.ts';
import { createSetupReport } from './setup-report.ts';

let project: string;
beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'transfuse-attempt-')));
});
afterEach(() => rmSync(project, { recursive: true }));

const step = { description: 'TensorFlow 2.9.1, cpu', device: 'cpu', loss: 9.9, referenceLoss: 9.9, milliseconds: 80 };
const works = { stdout: JSON.stringify({ step }) };
const limits = { install: 60_000, trainingStep: 60_000 };
const ofSignal: ProgramResult = { code: null, signal: 'SIGKILL', stdout: '', stderr: 'what it said' };

/** A machine whose npm installs, whose trial ends like this, and where one program runs until its signal fires. */
function machineWith(trial: Partial<ProgramResult>, endless?: 'npm' | 'node'): Machine {
  const machine = recordMachine({
    project,
    answer: ({ program, args, folder }) => {
      if (program !== 'npm') return trial;
      const name = args.at(-1)!.replace(/@[\d.]+$/, '');
      putTfjsNode(join(folder!, 'node_modules', name), { binding: 'built' });
      return {};
    },
  });
  return {
    ...machine,
    run(program, args, options) {
      if (!endless || !program.endsWith(endless)) return machine.run(program, args, options);
      return new Promise((resolve) => {
        if (options!.signal!.aborted) resolve(ofSignal);
        options!.signal!.addEventListener('abort', () => resolve(ofSignal));
      });
    },
  };
}

interface Changes {
  readonly device?: 'any' | 'gpu';
  readonly signal?: AbortSignal;
  readonly limits?: Partial<typeof limits>;
}

function attempt(machine: Machine, changes: Changes = {}) {
  const { device = 'any', signal = new AbortController().signal } = changes;
  const report = createSetupReport('lines', recordSurroundings());
  return attemptOfficialPackage({ device, signal }, machine, report, { ...limits, ...changes.limits });
}

const left = () => readdirSync(join(project, '.transfuse'));

describe('the attempt with the official package', () => {
  it('keeps the package, and nothing of what was before, where a training step succeeds on it', async () => {
    putFile(join(project, '.transfuse', 'tfjs-node', 'earlier'));
    const { title, folder, trained } = await attempt(machineWith(works));
    expect(title).toBe('@tensorflow/tfjs-node 4.22.0');
    expect(trained).toEqual(step);
    expect(existsSync(folder)).toBe(true);
    expect(left()).toEqual(['tfjs-node']);
  });

  it('leaves nothing where the training step fails', async () => {
    const problem = { found: 'libtensorflow.so.2: cannot open shared object file' };
    const machine = machineWith({ code: 1, stdout: JSON.stringify({ problem }) });
    await expect(attempt(machine)).rejects.toMatchObject(problem);
    expect(left()).toEqual([]);
  });

  it('leaves nothing where the step runs on the CPU although a GPU is asked for', async () => {
    const found = 'a training step that ran on the CPU, TensorFlow 2.9.1, cpu';
    await expect(attempt(machineWith(works), { device: 'gpu' })).rejects.toMatchObject({ found });
    expect(left()).toEqual([]);
  });

  it.each([
    ['its installation', 'npm', 'install'],
    ['a training step on it', 'node', 'trainingStep'],
  ] as const)('gives up where %s takes too long, with what it had said', async (what, program, part) => {
    const found = expect.stringContaining(`${what} has not ended after`);
    await expect(attempt(machineWith(works, program), { limits: { [part]: 20 } })).rejects.toMatchObject({
      found,
      cause: 'what it said',
    });
    expect(left()).toEqual([]);
  });

  it.each(['npm', 'node'] as const)('ends %s when its signal fires, and leaves nothing', async (program) => {
    const end = new AbortController();
    setTimeout(() => end.abort(), 20);
    await expect(attempt(machineWith(works, program), { signal: end.signal })).rejects.toMatchObject({
      found: expect.stringContaining('SIGKILL'),
    });
    expect(left()).toEqual([]);
  });
});
