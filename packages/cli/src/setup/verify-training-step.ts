// Tries native TensorFlow in a fresh process and understands how it failed, if it did.
import { fileURLToPath } from 'node:url';
import { nativeTensorflowVariable } from '@transfuse/core/engine';
import type { FailureDetails } from '../failure.ts';
import type { Machine, ProgramResult } from './machine.ts';
import { setupFailure, tellingLine } from './setup-failure.ts';
import type { TrainingStepReport } from './training-step.ts';

// Run from source, as tests do, the compiled script lies in the package's dist.
const script = fileURLToPath(
  import.meta.url.endsWith('.ts')
    ? new URL('../../dist/setup/training-step-process.js', import.meta.url)
    : new URL('./training-step-process.js', import.meta.url),
);

/** Runs a training step on the package in a folder. Throws `engine.unavailable` where it fails, with why. */
export async function verifyTrainingStep(folder: string, machine: Machine): Promise<TrainingStepReport> {
  const result = await machine.run(machine.node.path, [script], {
    folder: machine.project,
    variables: { [nativeTensorflowVariable]: folder, TF_CPP_MIN_LOG_LEVEL: '1' },
  });
  const answer = readAnswer(result.stdout);
  if (answer?.step) return answer.step;
  throw understand(folder, answer?.problem?.found, result);
}

interface Answer {
  readonly step?: TrainingStepReport;
  readonly problem?: FailureDetails;
}

/** The last line that is JSON; libraries may have written before it. */
function readAnswer(text: string): Answer | undefined {
  const line = text.trim().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(line) as Answer;
  } catch {
    return undefined;
  }
}

function understand(folder: string, problem: string | undefined, { code, signal, stderr }: ProgramResult): Error {
  const found = problem ?? (signal ? `a process that ended by ${signal}` : `exit code ${code}: ${tellingLine(stderr)}`);
  const fail = (expected: string, mend: string) => setupFailure(folder, found, expected, mend, stderr);
  if (signal === 'SIGILL') {
    return fail(
      'a TensorFlow compiled for this processor',
      'This processor lacks instructions (AVX) that the library was compiled for; name another one with --libtensorflow.',
    );
  }
  if (/GLIBC(XX)?_/.test(found)) {
    return fail(
      'a TensorFlow that fits the C library of this system',
      'Get a TensorFlow made for a system as old as this one, or a newer system, and run this again with --libtensorflow.',
    );
  }
  if (/undefined symbol/.test(found)) {
    return fail(
      'a TensorFlow that exports its C API and its eager C API',
      'Name another library with --libtensorflow: the archive of libtensorflow, or the Python package of TensorFlow 2.',
    );
  }
  if (/cannot open shared object|Library not loaded/.test(found)) {
    return fail(
      'every library where it was when the binding was built',
      'The TensorFlow library has moved, or needs one that is not installed; run this again with --libtensorflow.',
    );
  }
  return fail(
    'a training step that succeeds',
    'Run it again with --debug to see all messages, or build against another TensorFlow (--libtensorflow).',
  );
}
