// Runs a whole training: prepares the data, builds or resumes the model, steps, writes metrics and checkpoints, lets
// the caller look at samples on the way. An abort ends it after the current step, with a checkpoint.
import { join } from 'node:path';
import type { Dataset, Progress } from '../contracts/dataset.ts';
import type { Engine } from '../contracts/engine.ts';
import type { LossWeighting } from '../contracts/loss-weighting.ts';
import { TransfuseError } from '../errors/index.ts';
import { generate } from '../generation/generate.ts';
import type { DiffusionSettings } from '../generation/generation-options.ts';
import { createModelRunner } from '../generation/model-runner.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from '../training/checkpoint.ts';
import { createJsonLinesSink, type MetricsSink } from '../training/metrics/metrics-writer.ts';
import { createTensorBoardSink } from '../training/metrics/tensorboard-events.ts';
import type { StepReport } from '../training/step-runner.ts';
import { createTrainer, type Trainer } from '../training/trainer.ts';
import { buildModel, checkAdapters, disposeAdapters, modelAssets } from './build-model.ts';
import type { ResolvedConfig } from './config-types.ts';
import type { Host } from './host.ts';
import { chosenOptions, createDiffusion } from './generation-choices.ts';
import { caption, type LoadedModel } from './load-model.ts';
import { checkSameRun, trainerStateOf } from './resumed-run.ts';
import { engineOf } from './run-engine.ts';
import { createPace } from './training-pace.ts';

/** The numbers of a step, with where the run stands. */
export interface TrainingProgress extends StepReport {
  readonly steps: number;
  /** Positions per second, averaged over the last steps. */
  readonly tokensPerSecond: number;
  readonly secondsLeft: number;
}

/** A model under training, as `onSample` sees it: generates from the moving average of the weights. */
export type SampledModel = Pick<LoadedModel, 'generate' | 'caption' | 'model'>;

/** How a training run is driven. */
export interface TrainModelOptions {
  /** The run's folder: gets `checkpoint/`, `metrics.jsonl` and `events/`. */
  readonly folder: string;
  /** Where data sets keep what they prepared. Default `.cache/transfuse`. */
  readonly cacheFolder?: string;
  /** `checkpoint` continues the run in `folder`; default `never`. */
  readonly resume?: 'never' | 'checkpoint';
  /** Ends the run after the current step, with a checkpoint. */
  readonly signal?: AbortSignal;
  /** Progress of preparation: rendering, tokenizer. */
  readonly onPrepare?: Progress;
  /** Called after every step; training waits for it to return. */
  readonly onStep?: (progress: TrainingProgress) => void;
  /** Called every `train.sampleEvery` steps, and training waits for it. */
  readonly onSample?: (sampled: SampledModel, step: number) => Promise<void>;
}

/** How a run ended. */
export interface TrainingResult {
  readonly reason: 'finished' | 'aborted';
  readonly step: number;
  readonly checkpoint: string;
  readonly dataset: Dataset;
  /** Its adapters have been disposed of: what they brought beside the weights, as a picture codec, is gone. */
  readonly model: TransfusionModel;
}

/** Trains; see {@link TrainModelOptions}. */
export async function trainModel(
  host: Host,
  config: ResolvedConfig,
  options: TrainModelOptions,
): Promise<TrainingResult> {
  const engine = await engineOf(host, config);
  try {
    return await trainOn(engine, host, config, options);
  } finally {
    if (engine !== host.engine) await engine.dispose();
  }
}

async function trainOn(
  engine: Engine,
  host: Host,
  config: ResolvedConfig,
  options: TrainModelOptions,
): Promise<TrainingResult> {
  const { folder, signal, onPrepare } = options;
  const context = { ...(signal && { signal }), ...(onPrepare && { progress: onPrepare }) };
  const earlier = options.resume === 'checkpoint' ? await readCheckpoint(join(folder, 'checkpoint')) : undefined;
  if (earlier !== undefined) checkSameRun(config, earlier);
  // What a configuration names is checked before data are prepared, which may take long.
  checkAdapters(host, config.modalities);
  const diffusion = await createDiffusion(host, config);
  const weighting = await createWeighting(host, config);
  const dataset = await prepareDataset(host, config, options.cacheFolder ?? join('.cache', 'transfuse'), context);
  const model = await buildModel(host, config, {
    ...context,
    engine,
    assets: earlier?.assets ?? {},
    texts: () => dataset.texts(),
  });
  let result: TrainingResult;
  try {
    result = await trainBuilt({ engine, host, config, options, dataset, model, diffusion, weighting, earlier });
  } catch (error) {
    // The first error is the one to tell.
    await disposeAdapters(model).catch((later: Error) => host.logger.warn(later.message));
    throw error;
  }
  await disposeAdapters(model);
  return result;
}

async function createWeighting(host: Host, { objective }: ResolvedConfig): Promise<LossWeighting | undefined> {
  if (objective.weighting === undefined) return undefined;
  const { name, ...settings } = objective.weighting;
  return host.create('loss-weighting', name, settings, { place: 'objective.weighting' });
}

interface BuiltRun {
  readonly engine: Engine;
  readonly host: Host;
  readonly config: ResolvedConfig;
  readonly options: TrainModelOptions;
  readonly dataset: Dataset;
  readonly model: TransfusionModel;
  readonly diffusion: DiffusionSettings;
  readonly weighting: LossWeighting | undefined;
  /** The checkpoint of the run that is resumed. */
  readonly earlier: Checkpoint | undefined;
}

async function trainBuilt(run: BuiltRun): Promise<TrainingResult> {
  const { engine, host, config, options, dataset, model, diffusion, weighting, earlier } = run;
  const { folder, signal } = options;
  const checkpointFolder = join(folder, 'checkpoint');
  checkModalityWeights(config, model);
  const trainer = await createTrainer({
    engine,
    model,
    split: dataset.train,
    schedule: diffusion.schedule,
    weighting,
    settings: config,
    ...(earlier && { resume: trainerStateOf(earlier, model, checkpointFolder) }),
  });
  const runner = createModelRunner(model, engine, trainer.average, { weights: 'live' });
  const sampled: SampledModel = {
    model,
    async *generate(prompt, generateOptions = {}) {
      yield* generate(runner, diffusion, prompt, await chosenOptions(host, generateOptions));
    },
    caption: (value, captionOptions = {}) => caption(sampled, value, captionOptions),
  };
  const { steps, logEvery, checkpointEvery, sampleEvery } = config.train;
  const pace = createPace(steps);
  const sinks: MetricsSink[] = [];
  let step = earlier?.trainer?.step ?? 0;
  let saved = -1;
  const save = async () => {
    if (saved === step) return;
    await writeTraining(checkpointFolder, config, model, trainer);
    saved = step;
  };
  try {
    const sinkOptions = { resumeAtStep: step + 1 };
    sinks.push(createJsonLinesSink(join(folder, 'metrics.jsonl'), sinkOptions));
    sinks.push(createTensorBoardSink(join(folder, 'events'), sinkOptions));
    while (step < steps && !signal?.aborted) {
      const report = await trainer.step();
      step = report.step;
      const progress = { ...report, steps, ...pace(report) };
      options.onStep?.(progress);
      if (step % logEvery === 0 || step === 1 || step === steps) {
        const { total, text, diffusion: noise, gradientNorm, learningRate, tokensPerSecond } = progress;
        const scalars: Record<string, number> = {
          total,
          text,
          diffusion: noise,
          gradientNorm,
          learningRate,
          tokensPerSecond,
        };
        if (Object.keys(model.continuous).length > 1) {
          for (const [modality, loss] of Object.entries(progress.diffusionOf)) scalars[`diffusion/${modality}`] = loss;
        }
        for (const sink of sinks) sink.write(step, scalars);
      }
      if (step % checkpointEvery === 0) await save();
      if (sampleEvery > 0 && step % sampleEvery === 0) await options.onSample?.(sampled, step);
    }
    await save();
  } catch (error) {
    // What was learned so far is kept, unless it is what went wrong.
    const isDiverged = error instanceof TransfuseError && error.code === 'training.diverged';
    if (step > 0 && !isDiverged) await save().catch((later: Error) => host.logger.warn(later.message));
    throw error;
  } finally {
    for (const sink of sinks) await sink.close();
    await runner.dispose();
    await trainer.dispose();
  }
  return { reason: step < steps ? 'aborted' : 'finished', step, checkpoint: checkpointFolder, dataset, model };
}

/** Creates and prepares the data set a configuration names. */
async function prepareDataset(
  host: Host,
  config: Pick<ResolvedConfig, 'data'>,
  cacheFolder: string,
  context: { readonly signal?: AbortSignal; readonly progress?: Progress },
): Promise<Dataset> {
  const { name, ...settings } = config.data;
  const factory = await host.create('dataset', name, settings, { ...context, place: 'data' });
  const dataset = await factory.prepare({}, { cacheFolder, ...context });
  if (dataset.train.length > 0) return dataset;
  throw new TransfuseError({
    code: 'dataset.unavailable',
    place: `data set ${name}`,
    found: 'no training examples',
    expected: 'at least one',
    mend: 'Choose settings of the data set that leave some.',
  });
}

/** A weight for a modality the model does not make would silently do nothing. */
function checkModalityWeights({ objective }: ResolvedConfig, { continuous }: TransfusionModel): void {
  const stranger = Object.keys(objective.modalityWeights).find((modality) => !(modality in continuous));
  if (stranger === undefined) return;
  throw new TransfuseError({
    code: 'config.invalid',
    place: `objective.modalityWeights.${stranger}`,
    found: 'a modality without a diffusion loss',
    expected: `one of ${Object.keys(continuous).join(', ')}`,
    mend: 'Correct the name, or remove it.',
  });
}

async function writeTraining(
  folder: string,
  config: ResolvedConfig,
  model: TransfusionModel,
  trainer: Trainer,
): Promise<void> {
  const state = await trainer.state();
  const { plugins: _, ...stored } = config;
  await writeCheckpoint(folder, {
    config: stored,
    weights: state.stores.average,
    assets: modelAssets(model),
    trainer: state,
  });
}
