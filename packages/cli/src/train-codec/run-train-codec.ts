// Runs `transfuse train-codec`: reads the configuration, trains an autoencoder on the pictures of a data set, measures
// how its latents are to be scaled, and writes it as a folder that `linear-patch` and diffusers open. An interruption
// ends the training after the step in progress; what was learned until then is measured and written all the same.
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RasterImage } from '@transfuse/adapters/image';
import {
  type AutoencoderKlConfig,
  autoEncoderParameters,
  codecFiles,
  createImageCodec,
  createVaeTrainer,
  type VaeStepReport,
} from '@transfuse/adapters/vae';
import type { Host } from '@transfuse/core';
import { type Dataset, type HostTensor, TransfuseError } from '@transfuse/core/contracts';
import { countParameters } from '@transfuse/core/params';
import { createJsonLinesSink, writeFolderAtomically } from '@transfuse/core/training';
import { engineConfig } from '../arguments/shared-options.ts';
import type { TrainCodecOptions } from '../commands/train-codec.ts';
import { readConfigFile } from '../config/config-file.ts';
import { ExitRequest } from '../exit-request.ts';
import { isTransfuseError } from '../failure.ts';
import { withHost } from '../host/open-host.ts';
import { createStreamLogger } from '../host/stream-logger.ts';
import { formatCount } from '../report/quantity.ts';
import type { Surroundings } from '../surroundings.ts';
import { interruptedExitCode, watchInterruption } from '../train/interruption.ts';
import { autoencoderOf, type CodecConfig, readCodecConfig } from './codec-config.ts';
import { type CodecDisplay, createCodecDisplay } from './codec-display.ts';
import { evaluateSplit, type SplitEvaluation } from './codec-evaluation.ts';
import { writeCodecReport } from './codec-report.ts';
import { codecTerms, trainerTerms } from './codec-terms.ts';
import { createPictureBatches } from './picture-batches.ts';
import { reconstructionSheet } from './reconstruction-sheet.ts';

/** Pictures of a split that are measured, and of those shown. */
const evaluated = { most: 512, shown: 24 } as const;

interface CodecRun {
  readonly folder: string;
  readonly config: CodecConfig;
  readonly display: CodecDisplay;
  readonly signal: AbortSignal;
}

interface CodecResult {
  readonly step: number;
  readonly codec: string;
  readonly report: string;
  readonly evaluations: readonly SplitEvaluation[];
}

/** Trains a codec. Throws TransfuseError, or ExitRequest 130 after an interruption. */
export async function runTrainCodec(
  configPath: string | undefined,
  options: TrainCodecOptions,
  surroundings: Surroundings,
): Promise<void> {
  const { stdout, stderr } = surroundings;
  const file = await readConfigFile(configPath);
  const config = overridden(readCodecConfig(file.value), options);
  const folder = options.out ?? join('runs', file.name);
  await checkFolder(folder);

  const display = createCodecDisplay(stderr, config.train);
  const logger = createStreamLogger(display, { from: options.debug ? 'debug' : 'info' });
  const interruption = watchInterruption(surroundings, {
    onFirst: () => {
      if (stderr.isTTY) display.write('Finishing the step in progress; Ctrl-C again ends at once.\n');
    },
  });
  const { signal } = interruption;
  let result: CodecResult | undefined;
  try {
    const request = { configFile: file, plugin: config.plugin, engine: config.engine, logger } as const;
    result = await withHost(request, (host) => trainCodec(host, { folder, config, display, signal }));
  } catch (error) {
    if (!signal.aborted || !isAbort(error)) throw error;
  } finally {
    display.close();
    interruption.end();
  }
  if (result === undefined) {
    stderr.write('Interrupted before the first step; no codec was written.\n');
    throw new ExitRequest(interruptedExitCode);
  }

  const { step, codec, report, evaluations } = result;
  const reason = signal.aborted && step < config.train.steps ? 'aborted' : 'finished';
  const quality = Object.fromEntries(evaluations.map(({ split, psnr }) => [split, psnr]));
  if (options.json) stdout.write(`${JSON.stringify({ reason, step, codec, report, psnr: quality })}\n`);
  if (reason === 'aborted') {
    stderr.write(`Interrupted after step ${step}; the codec as it stands is ${codec}\n`);
    throw new ExitRequest(interruptedExitCode);
  }
  if (options.json) return;
  const measured = evaluations.map(({ split, psnr }) => `${split} ${psnr.toFixed(2)} dB`).join(', ');
  stdout.write(
    `Trained ${formatCount(step, 'step', 'steps')} (${measured}); the codec is ${codec}, the report ${report}\n`,
  );
}

/** Undefined where the run was interrupted before its first step. */
async function trainCodec(host: Host, run: CodecRun): Promise<CodecResult | undefined> {
  const { folder, config, display, signal } = run;
  const { codec: shape, train } = config;
  const terms = await trainerTerms(train);
  const dataset = await prepareDataset(host, run);
  const batches = createPictureBatches(dataset.train, { size: shape.size, batch: train.batch, seed: train.seed });
  const autoencoder = autoencoderOf(shape);
  const began = performance.now();
  const trainer = await createVaeTrainer({
    engine: host.engine,
    config: autoencoder,
    batch: train.batch,
    settings: { ...train, epsilon: 1e-8 },
    lossWeights: {
      divergence: train.klWeight,
      squared: train.squaredWeight,
      ...(train.perceptual && { perceptual: train.perceptual.weight }),
    },
    ...terms,
  });
  const steps: VaeStepReport[] = [];
  const sink = createJsonLinesSink(join(folder, 'metrics.jsonl'), { resumeAtStep: 1 });
  let weights: Record<string, HostTensor>;
  try {
    while (steps.length < train.steps && !signal.aborted) {
      const report = await trainer.step(await batches.next());
      steps.push(report);
      display.step(report);
      const { step, ...scalars } = report;
      if (step === 1 || step === train.steps || step % train.logEvery === 0) sink.write(step, { ...scalars });
    }
    weights = await trainer.weights();
  } finally {
    await sink.close();
    await trainer.dispose();
  }
  if (steps.length === 0) return undefined;
  const seconds = (performance.now() - began) / 1000;

  const evaluations = await evaluate(host, dataset, { autoencoder, weights }, run);
  const scaled = { ...autoencoder, scaling: evaluations[0]!.scaling };
  const codec = join(folder, 'codec');
  await writeFolderAtomically(codec, codecFiles({ config: scaled, weights }));
  await mkdir(folder, { recursive: true });
  const sheet = reconstructionSheet(evaluations.flatMap(({ shown }) => shown));
  await RasterImage.from(sheet).save(join(folder, 'reconstructions.png'));
  const report = join(folder, 'report.html');
  const parameters = countParameters(autoEncoderParameters(autoencoder));
  const { description: engine } = host.engine;
  await writeCodecReport({ config, autoencoder: scaled, parameters, steps, seconds, engine, evaluations }, report);
  return { step: steps.length, codec, report, evaluations };
}

/** The training split first, then those held out. */
async function evaluate(
  host: Host,
  dataset: Dataset,
  { autoencoder, weights }: { readonly autoencoder: AutoencoderKlConfig; readonly weights: Record<string, HostTensor> },
  { config, display }: CodecRun,
): Promise<readonly SplitEvaluation[]> {
  const codec = createImageCodec({ config: autoencoder, weights }, host.engine);
  try {
    const splits = [dataset.train, ...dataset.heldOut.filter(({ length }) => length > 0)];
    const evaluations: SplitEvaluation[] = [];
    for (const split of splits) {
      evaluations.push(await evaluateSplit(codec, split, { size: config.codec.size, ...evaluated }));
      display.prepare({ task: 'measuring reconstructions', done: evaluations.length, total: splits.length });
    }
    return evaluations;
  } finally {
    await codec.dispose();
  }
}

async function prepareDataset(host: Host, { config, display, signal }: CodecRun): Promise<Dataset> {
  const { name, ...settings } = config.data;
  const context = { signal, progress: display.prepare };
  const factory = await host.create('dataset', name, settings, { ...context, place: 'data' });
  const dataset = await factory.prepare({}, { cacheFolder: join('.cache', 'transfuse'), ...context });
  if (dataset.train.length > 0) return dataset;
  throw new TransfuseError({
    code: 'dataset.unavailable',
    place: `data set ${name}`,
    found: 'no training examples',
    expected: 'at least one',
    mend: 'Choose settings of the data set that leave some.',
  });
}

function overridden(config: CodecConfig, options: TrainCodecOptions): CodecConfig {
  const { perceptual: _, gan: __, ...plain } = config.train;
  const { steps = plain.steps } = options;
  const warmup = Math.min(plain.warmup, steps);
  const train = { ...plain, steps, warmup, ...codecTerms(config.train, options, steps) };
  return { ...config, engine: engineConfig(options, config.engine), train };
}

/** A codec is not trained over an earlier one by accident. */
async function checkFolder(folder: string): Promise<void> {
  const earlier = await stat(join(folder, 'codec')).catch(() => undefined);
  if (earlier === undefined) return;
  throw new TransfuseError({
    code: 'file.unwritable',
    place: folder,
    found: 'the codec of an earlier run',
    expected: 'a folder without one',
    mend: 'Choose another folder with --out, or delete this one.',
  });
}

function isAbort(error: unknown): boolean {
  if (isTransfuseError(error)) return error.code === 'dataset.aborted';
  return error instanceof Error && error.name === 'AbortError';
}
