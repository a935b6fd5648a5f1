// The report of a training run, written when it has ended: what the run was, how the losses went, what the model made
// on the way and what it can do now.
import { basename, join, resolve } from 'node:path';
import type { Host, Progress, ResolvedConfig, TrainingResult } from '@transfuse/core';
import { media, mediumOfModality } from '../media/media.ts';
import { formatCount } from '../report/quantity.ts';
import {
  describeMachine,
  describeModel,
  describeSettings,
  type ReportProgressGrid,
  type Stopwatch,
  type TrainingReport,
  writeReport,
} from '../report/index.ts';
import { sampleSeed } from './samples.ts';
import { evaluateTrained } from './trained-evaluation.ts';
import { readTrainingLog } from './training-log.ts';

/** A run that has ended. */
export interface FinishedRun {
  readonly host: Host;
  readonly config: ResolvedConfig;
  readonly result: TrainingResult;
  /** Where it left its metrics, and where `report.html` goes; the run is called by its name. */
  readonly folder: string;
  readonly progressGrids: readonly ReportProgressGrid[];
  readonly stopwatch: Stopwatch;
  readonly signal?: AbortSignal;
  readonly onProgress: Progress;
  readonly resumed: boolean;
}

/** Looks at the trained model and writes the report; returns its file. Throws what loading and generating throw. */
export async function writeRunReport(run: FinishedRun): Promise<string> {
  const { host, config, result, folder, stopwatch, signal, onProgress } = run;
  const { dataset, step } = result;
  const model = await host.load(result.checkpoint);
  const examples = await evaluateTrained({ model, dataset, onProgress, ...(signal && { signal }) });
  stopwatch.lap('making and captioning examples');
  const report: TrainingReport = {
    title: `${basename(resolve(folder))}: a model of ${modalityList(config)}`,
    summary: `Trained on the data set ${dataset.name}, ${formatCount(step, 'step', 'steps')}. Whatever is shown here was made by the checkpoint with the settings below; nothing was picked.${unshown(model.model.continuous, config)}`,
    finished: new Date().toISOString(),
    machine: describeMachine(host.engine.description),
    durations: stopwatch.laps(),
    settings: describeSettings(config),
    model: describeModel(model.model),
    data: {
      name: dataset.name,
      trainItems: dataset.train.length,
      heldOut: dataset.heldOut.map(({ name, length }) => ({ split: name, items: length })),
      licences: [],
    },
    losses: await readTrainingLog(join(folder, 'metrics.jsonl')),
    progressGrids: run.progressGrids,
    ...examples,
    notes: [
      `Samples use seed ${sampleSeed} throughout, ${formatCount(config.sampling.steps, 'step', 'steps')} of the sampler ${config.sampling.sampler.name}.`,
      ...(run.resumed
        ? ['The run was resumed: durations and samples on the way are those of its last part, losses those of all.']
        : []),
    ],
  };
  const file = join(folder, 'report.html');
  await writeReport(report, file);
  return file;
}

/** Why there are no examples of some modalities, as a paragraph of its own; empty where there are of all. */
export function unshown(
  continuous: Readonly<Record<string, unknown>>,
  { train }: Pick<ResolvedConfig, 'train'>,
): string {
  const names = Object.keys(continuous).filter((modality) => mediumOfModality(modality) === undefined);
  if (names.length === 0) return '';
  const saved = train.sampleEvery > 0 ? '; the folder samples has those made on the way' : '';
  const shown = media.map(({ modality }) => modality).join(', ');
  return `\n\nThere are no examples of ${names.join(', ')} here, because a report shows the modalities ${shown} only; transfuse generate with --want ${names[0]} saves values as JSON${saved}.`;
}

function modalityList({ modalities }: ResolvedConfig): string {
  const names = Object.keys(modalities);
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
