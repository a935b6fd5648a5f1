// Runs `transfuse setup tfjs-node`: native TensorFlow under TensorFlow.js. Looks for one that works; else tries the official
// package; else looks for what a build needs, and only then gets the package and builds its binding. Whatever it is, a
// step is trained on it in the end.
import { findNativeTensorflow, nativeTensorflowVariable } from '@transfuse/core/engine';
import type { SetupOptions } from '../commands/setup.ts';
import { ExitRequest } from '../exit-request.ts';
import { isTransfuseError } from '../failure.ts';
import type { Surroundings } from '../surroundings.ts';
import { interruptedExitCode, watchInterruption } from '../train/interruption.ts';
import { buildBinding } from './binding-build.ts';
import { findCppCompiler } from './cpp-compiler.ts';
import { findLibtensorflow } from './find-libtensorflow.ts';
import { type Machine, realMachine } from './machine.ts';
import { findNodeHeaders } from './node-headers.ts';
import { attemptOfficialPackage } from './official-attempt.ts';
import { getSources, planSources, tfjsNode } from './package-sources.ts';
import { setupFailure } from './setup-failure.ts';
import { createSetupReport, type SetupReport } from './setup-report.ts';
import type { TensorflowLibrary } from './tensorflow-library.ts';
import type { TrainingStepReport } from './training-step.ts';
import { verifyTrainingStep } from './verify-training-step.ts';

/** A package that works. */
interface Working {
  readonly folder: string;
  readonly trained: TrainingStepReport;
}

/**
 * Sets native TensorFlow up. Throws `engine.unavailable` where it cannot be, with what is missing, and ExitRequest 130
 * where the attempt with the official package is interrupted.
 */
export async function runSetup(
  options: SetupOptions,
  surroundings: Surroundings,
  machine: Machine = realMachine(),
): Promise<void> {
  const report = createSetupReport(options.json ? 'json' : 'lines', surroundings);
  const { folder, trained } =
    (await findWorking(options, machine, report)) ?? (await getOne(options, machine, report, surroundings));
  const use = describeUse(folder, machine);
  surroundings.stdout.write(
    options.json ? `${JSON.stringify({ steps: report.steps, folder, trained, use }, null, 2)}\n` : `\n${use}\n`,
  );
}

/** What is there and works, unless the user asks for another one. */
async function findWorking(options: SetupOptions, machine: Machine, report: SetupReport): Promise<Working | undefined> {
  if (options.libtensorflow !== undefined || options.into !== undefined) return undefined;
  const place = findNativeTensorflow(machine)[0];
  if (!place) {
    report.add('package', 'found', `no ${tfjsNode.name} yet`);
    return undefined;
  }
  const title = `${place.name} ${place.version} in ${place.folder}`;
  if (!place.built) {
    report.add('package', 'found', `${title}, without its compiled binding`);
    return undefined;
  }
  report.add('package', 'found', title);
  report.waitFor('training a step on it');
  try {
    const trained = await verifyTrainingStep(place.folder, machine);
    if (options.gpu && trained.device !== 'gpu') {
      report.add('training step', 'failed', `${describeStep(trained)}; --gpu asks for a GPU`);
      return undefined;
    }
    report.add('training step', 'done', describeStep(trained));
    return { folder: place.folder, trained };
  } catch (problem) {
    report.add('training step', 'failed', (problem as Error).message);
    return undefined;
  }
}

async function getOne(
  options: SetupOptions,
  machine: Machine,
  report: SetupReport,
  surroundings: Surroundings,
): Promise<Working> {
  checkPlatform(machine);
  return (await tryOfficial(options, machine, report, surroundings)) ?? (await build(options, machine, report));
}

/** The official package, where its download and its TensorFlow work; unless the user names a library to build against. */
async function tryOfficial(
  { libtensorflow, into, gpu, debug }: SetupOptions,
  machine: Machine,
  report: SetupReport,
  surroundings: Surroundings,
): Promise<Working | undefined> {
  if (libtensorflow !== undefined) return undefined;
  const say = (text: string) => void surroundings.stderr.write(`${text}\n`);
  const interruption = watchInterruption(surroundings, { onFirst: () => say('Stopping …') });
  const { signal } = interruption;
  try {
    const request = { device: gpu ? 'gpu' : 'any', signal, ...(into !== undefined && { into }) } as const;
    const { title, folder, trained } = await attemptOfficialPackage(request, machine, report);
    report.add('official package', 'done', `installed and verified, ${title} in ${folder}`);
    report.add('training step', 'done', describeStep(trained));
    return { folder, trained };
  } catch (problem) {
    if (signal.aborted) {
      say('Interrupted; nothing was set up.');
      throw new ExitRequest(interruptedExitCode);
    }
    const reason = isTransfuseError(problem) ? problem.found : (problem as Error).message;
    report.add('official package', 'failed', `not usable here (${reason})`);
    if (debug) say(String((problem as Error).cause ?? problem));
    return undefined;
  } finally {
    interruption.end();
  }
}

async function build(options: SetupOptions, machine: Machine, report: SetupReport): Promise<Working> {
  const library = await findLibtensorflow(
    {
      device: options.gpu ? 'gpu' : 'any',
      ...(options.libtensorflow !== undefined && { folder: options.libtensorflow }),
    },
    machine,
  );
  report.add('library', 'found', describeLibrary(library));
  const nodeHeaders = findNodeHeaders(machine);
  report.add('Node headers', 'found', nodeHeaders);
  const compiler = await findCppCompiler(machine);
  report.add('compiler', 'found', compiler.version);
  const plan = planSources(options.into, machine);
  if (plan.into !== undefined) report.waitFor(`getting ${tfjsNode.name} ${tfjsNode.version} with npm`);
  const { folder, state } = await getSources(plan, machine);
  report.add('sources', state === 'kept' ? 'found' : 'done', `${tfjsNode.name} ${tfjsNode.version} in ${folder}`);
  report.waitFor('compiling the binding');
  const binding = await buildBinding({ folder, library, nodeHeaders, compiler }, machine);
  report.add('binding', 'done', binding.path);
  report.waitFor('training a step on it');
  const trained = await verifyTrainingStep(folder, machine).catch((problem: unknown) => {
    binding.takeBack();
    throw problem;
  });
  binding.keep();
  if (options.gpu && trained.device !== 'gpu') throw withoutGpu(folder, trained);
  report.add('training step', 'done', describeStep(trained));
  return { folder, trained };
}

function checkPlatform({ platform, architecture }: Machine): void {
  if (platform === 'linux' || platform === 'darwin') return;
  throw setupFailure(
    `${platform} ${architecture}`,
    'a system that this cannot build the binding on',
    'Linux or macOS',
    'Run it in the Windows Subsystem for Linux, or use the compiled engine, which needs none of this.',
  );
}

function withoutGpu(folder: string, { description }: TrainingStepReport): Error {
  return setupFailure(
    folder,
    `a training step that ran on the CPU (${description})`,
    'one on a GPU, because of --gpu',
    "See that `nvidia-smi` shows the GPU and that the CUDA libraries are installed (`pip install 'tensorflow[and-cuda]'` brings them), then run this again; without --gpu the same build serves the CPU.",
  );
}

function describeLibrary({ folder, version, cuda, cudaBuild }: TensorflowLibrary): string {
  const device = cuda === undefined ? undefined : (cudaBuild ?? (cuda ? 'CUDA' : 'CPU only'));
  const facts = [`TensorFlow${version === undefined ? '' : ` ${version}`} in ${folder}`, device];
  return facts.filter((fact) => fact !== undefined).join(', ');
}

function describeStep({ description, loss, referenceLoss, milliseconds }: TrainingStepReport): string {
  return `${description}: loss ${loss.toFixed(4)} (CPU backend: ${referenceLoss.toFixed(4)}), ${milliseconds.toFixed(0)} ms`;
}

/** How to use the package that works: whether the engine finds it by itself, as seen from this folder. */
function describeUse(folder: string, { project, environment }: Machine): string {
  const use = 'use it with --engine eager --backend tensorflow';
  const best = findNativeTensorflow({ project, environment })[0];
  if (best?.folder === folder) return `Native TensorFlow works; ${use}.`;
  return `Native TensorFlow works; set ${nativeTensorflowVariable}=${folder} and ${use}.`;
}
