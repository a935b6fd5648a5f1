// The attempt with the official package: installs it, and trains the same step on it that a build of one's own is tried
// with. Whether its old TensorFlow runs on this processor, under this Node.js and on this GPU, only the trial shows.
import type { Machine } from './machine.ts';
import { installOfficialPackage, type OfficialPackage, type OfficialRequest } from './official-package.ts';
import { setupFailure } from './setup-failure.ts';
import type { SetupReport } from './setup-report.ts';
import type { TrainingStepReport } from './training-step.ts';
import { verifyTrainingStep } from './verify-training-step.ts';

/** An official package that works. */
export interface VerifiedPackage {
  /** Its name and version. */
  readonly title: string;
  readonly folder: string;
  readonly trained: TrainingStepReport;
}

/** How many milliseconds each part may take. */
export interface AttemptLimits {
  readonly install: number;
  readonly trainingStep: number;
}

const minute = 60_000;

/**
 * The library for a GPU is half a gigabyte to download. A TensorFlow compiled for older GPUs compiles all its kernels
 * anew on a newer one, which can take longer than to build a binding for a TensorFlow of today.
 */
const defaultLimits: AttemptLimits = { install: 15 * minute, trainingStep: 5 * minute };

/** Makes the attempt. Throws `engine.unavailable` where it fails, with why, and leaves everything as it was before. */
export async function attemptOfficialPackage(
  request: OfficialRequest,
  machine: Machine,
  report: SetupReport,
  limits: AttemptLimits = defaultLimits,
): Promise<VerifiedPackage> {
  report.waitFor('trying the official package, which downloads a TensorFlow library');
  const installed = await within('its installation', limits.install, request.signal, (signal) =>
    installOfficialPackage({ ...request, signal }, machine),
  );
  try {
    report.waitFor('training a step on it');
    const trained = await within('a training step on it', limits.trainingStep, request.signal, (signal) =>
      verifyTrainingStep(installed.folder, endedBy(signal, machine)),
    );
    if (request.device === 'gpu' && trained.device !== 'gpu') throw withoutGpu(installed, trained);
    installed.keep();
    return { title: installed.title, folder: installed.folder, trained };
  } catch (problem) {
    installed.takeBack();
    throw problem;
  }
}

/** Does some work with a signal that also fires when the time is up, and says so then. */
async function within<Result>(
  what: string,
  milliseconds: number,
  interruption: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const timeUp = AbortSignal.timeout(milliseconds);
  return work(AbortSignal.any([interruption, timeUp])).catch((problem: unknown) => {
    if (!timeUp.aborted || interruption.aborted) throw problem;
    const found = `${what} has not ended after ${milliseconds / minute} minutes`;
    throw setupFailure(
      'official package',
      found,
      'one that is quicker',
      'Build with --libtensorflow.',
      (problem as Error).cause,
    );
  });
}

/** The same machine, whose programs end when a signal fires. */
function endedBy(signal: AbortSignal, machine: Machine): Machine {
  return { ...machine, run: (program, args, options) => machine.run(program, args, { ...options, signal }) };
}

function withoutGpu({ folder }: OfficialPackage, { description }: TrainingStepReport): Error {
  return setupFailure(
    folder,
    `a training step that ran on the CPU, ${description}`,
    'one on a GPU, because of --gpu',
    'Build it against a newer TensorFlow with --libtensorflow.',
  );
}
