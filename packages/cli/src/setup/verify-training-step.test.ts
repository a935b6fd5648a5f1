import { describe, expect, it } from 'vitest';
import { recordMachine } from '../testing/recorded-machine.ts';
import type { ProgramResult } from './machine.ts';
import { verifyTrainingStep } from './verify-training-step.ts';

const machineThat = (result: Partial<ProgramResult>) => recordMachine({ project: '/project', answer: () => result });
const step = { description: 'TensorFlow 2.21.0, cpu', device: 'cpu', loss: 9.9, referenceLoss: 9.9, milliseconds: 80 };
const problem = (found: string) => ({ code: 1, stdout: JSON.stringify({ problem: { found } }) });

describe('the trial of native TensorFlow', () => {
  it('runs in a fresh Node.js that takes the package from that folder, and hands on what it reports', async () => {
    const machine = machineThat({ stdout: `something a library wrote\n${JSON.stringify({ step })}\n` });
    expect(await verifyTrainingStep('/package', machine)).toEqual(step);
    expect(machine.calls).toEqual([
      {
        program: '/project/node/bin/node',
        args: [expect.stringMatching(/training-step-process\.js$/)],
        folder: '/project',
        variables: { TRANSFUSE_TFJS_NODE: '/package', TF_CPP_MIN_LOG_LEVEL: '1' },
      },
    ]);
  });

  it.each([
    ['dies of an instruction', { code: null, signal: 'SIGILL' }, /ended by SIGILL/, /AVX/],
    ['crashes', { code: null, signal: 'SIGSEGV' }, /ended by SIGSEGV/, /--debug/],
    [
      'meets an older C library',
      problem("/lib/libc.so.6: version `GLIBC_2.38' not found"),
      /GLIBC_2\.38/,
      /older?|old as/,
    ],
    ['misses a function', problem('x.node: undefined symbol: TFE_NewContext'), /TFE_NewContext/, /--libtensorflow/],
    ['misses a library', problem('libtensorflow_cc.so.2: cannot open shared object file'), /cannot open/, /moved/],
    ['computes something else', problem('a loss of 3'), /a loss of 3/, /--debug/],
    ['says nothing of use', { code: 7, stderr: 'a\nError: b\n' }, /exit code 7: Error: b/, /--debug/],
  ])('tells why it fails, where it %s', async (_, result, found, mend) => {
    await expect(verifyTrainingStep('/package', machineThat(result))).rejects.toMatchObject({
      code: 'engine.unavailable',
      place: '/package',
      found: expect.stringMatching(found),
      mend: expect.stringMatching(mend),
    });
  });
});
