// Runs `transfuse train`: reads the configuration, applies what the command line overrides, trains, writes a report, and
// says where the checkpoint is, also after an interruption.
import { join } from 'node:path';
import { type ResolvedConfig, type TrainingResult, validateConfig } from '@transfuse/core';
import { engineConfig } from '../arguments/shared-options.ts';
import type { TrainOptions } from '../commands/train.ts';
import { readConfigFile } from '../config/config-file.ts';
import { ExitRequest } from '../exit-request.ts';
import { isTransfuseError } from '../failure.ts';
import { withHost } from '../host/open-host.ts';
import { createStreamLogger } from '../host/stream-logger.ts';
import { describeProfile, profiledSteps } from '../report/engine-profile.ts';
import { createStopwatch, type ReportProgressGrid } from '../report/index.ts';
import { formatCount } from '../report/quantity.ts';
import type { Surroundings } from '../surroundings.ts';
import { interruptedExitCode, watchInterruption } from './interruption.ts';
import { checkRunFolder } from './run-folder.ts';
import { type FinishedRun, writeRunReport } from './run-report.ts';
import { sampleTexts } from './sample-texts.ts';
import { makeSamples } from './samples.ts';
import { createTrainingDisplay } from './training-display.ts';

const cacheFolder = join('.cache', 'transfuse');

/** Trains. Throws TransfuseError, or ExitRequest 130 after an interruption. */
export async function runTrain(
  configPath: string | undefined,
  options: TrainOptions,
  surroundings: Surroundings,
): Promise<void> {
  const { stdout, stderr } = surroundings;
  const file = await readConfigFile(configPath);
  const config = overridden(validateConfig(withSteps(file.value, options.steps)), options);
  const folder = options.out ?? join('runs', file.name);
  const resume = options.resume === true;
  await checkRunFolder(folder, { resume });

  const display = createTrainingDisplay(stderr, { logEvery: config.train.logEvery });
  const logger = createStreamLogger(display, { from: options.debug ? 'debug' : 'info' });
  const interruption = watchInterruption(surroundings, {
    onFirst: () => {
      if (stderr.isTTY) display.write('Finishing the step in progress; Ctrl-C again ends at once.\n');
    },
  });
  const profile = options.profile === undefined ? 'none' : 'operators';
  let profileText: Promise<string> | undefined;
  const progressGrids: ReportProgressGrid[] = [];
  const stopwatch = createStopwatch();
  let report: string | undefined;
  let result: TrainingResult;
  try {
    const request = { configFile: file, plugin: config.plugin, engine: config.engine, profile, logger } as const;
    result = await withHost(request, async (host) => {
      const { signal } = interruption;
      const preparation = { cacheFolder, signal, onPrepare: display.prepare };
      const textsOf = await sampleTexts(host, config, { ...preparation, given: options.sample });
      let stepsLeft = options.profile === true ? profiledSteps : options.profile;
      const trained = await host.train(config, {
        folder,
        ...preparation,
        resume: resume ? 'checkpoint' : 'never',
        onStep: (progress) => {
          display.step(progress);
          if (stepsLeft === undefined || --stepsLeft !== 0) return;
          profileText = describeProfile(host.engine);
          profileText.catch(() => undefined); // told when the training has ended
        },
        async onSample(sampled, step) {
          progressGrids.push({
            step,
            samples: await makeSamples(sampled, { step, textsOf, folder: join(folder, 'samples') }),
          });
        },
      });
      if (profile === 'operators') profileText ??= describeProfile(host.engine);
      await profileText;
      stopwatch.lap('preparing and training');
      if (trained.reason === 'finished' && options.report) {
        const run = { host, config, result: trained, folder, progressGrids, stopwatch, resumed: resume };
        report = await reportOf({ ...run, signal, onProgress: display.prepare });
      }
      return trained;
    });
  } catch (error) {
    display.close();
    if (!interruption.signal.aborted || !isAbort(error)) throw error;
    stderr.write('Interrupted before the first step; no checkpoint was written.\n');
    throw new ExitRequest(interruptedExitCode);
  } finally {
    interruption.end();
  }
  display.close();
  if (profileText !== undefined) stderr.write(await profileText);

  const { step, reason, checkpoint } = result;
  if (options.json)
    stdout.write(`${JSON.stringify({ reason, step, checkpoint, ...(report !== undefined && { report }) })}\n`);
  if (reason === 'aborted') {
    const again = resumeCommand(configPath, options);
    stderr.write(`Interrupted after step ${step}; the checkpoint is ${checkpoint}, resume with: ${again}\n`);
    throw new ExitRequest(interruptedExitCode);
  }
  if (options.json) return;
  stdout.write(`Trained ${formatCount(step, 'step', 'steps')}; the checkpoint is ${checkpoint}\n`);
  if (report !== undefined) stdout.write(`The report is ${report}\n`);
}

/** Writes the report. What goes wrong with it is a warning: the training has ended well. */
async function reportOf(run: FinishedRun): Promise<string | undefined> {
  try {
    return await writeRunReport(run);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    run.host.logger.warn(run.signal?.aborted ? 'Interrupted; the report was not written.' : `No report: ${reason}`);
    return undefined;
  }
}

/** `--steps` replaces `train.steps`, and a warm-up that no longer fits is shortened with it. */
function withSteps(value: Readonly<Record<string, unknown>>, steps: number | undefined): unknown {
  const { train } = value;
  if (steps === undefined || typeof train !== 'object' || train === null || Array.isArray(train)) return value;
  const { warmup } = train as { readonly warmup?: unknown };
  const shortened = typeof warmup === 'number' && warmup > steps ? { warmup: steps } : {};
  return { ...value, train: { ...train, steps, ...shortened } };
}

function overridden(config: ResolvedConfig, options: TrainOptions): ResolvedConfig {
  return validateConfig({ ...config, engine: engineConfig(options, config.engine) });
}

function isAbort(error: unknown): boolean {
  if (isTransfuseError(error)) return error.code === 'dataset.aborted' || error.code === 'training.aborted';
  return error instanceof Error && error.name === 'AbortError';
}

/** The command that goes on with a run, as it was started. */
function resumeCommand(config: string | undefined, options: TrainOptions): string {
  const { out, steps, engine, backend, provider, threads } = options;
  const engineGiven = { '--engine': engine, '--backend': backend, '--provider': provider, '--threads': threads };
  const given = { '--out': out, '--steps': steps, ...engineGiven };
  const repeated = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name, String(value)]));
  const words = ['transfuse', 'train', ...(config === undefined ? [] : [config]), '--resume', ...repeated];
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`))
    .join(' ');
}
