// What a trained model can do, shown by examples of every continuous modality: values made for captions that it was
// trained on and for captions that were kept back, and captions of values of both.
import type { LoadedModel, Progress } from '@transfuse/core';
import type { Dataset, DatasetSplit } from '@transfuse/core/contracts';
import { mediumOfModality, mediumOfValue } from '../media/media.ts';
import type { ReportCaption, ReportHeldOutDrawing, ReportValue, TrainingReport } from '../report/index.ts';
import { type KnownValue, knownValues } from './known-values.ts';
import { makeValue } from './samples.ts';

/** How many examples there are of each modality and split, and of how many held-out splits. */
const counts = { made: 6, captioned: 12, heldOutSplits: 3 };
const captionTokens = 64;

/** What the examples are made with. */
export interface TrainedEvaluation {
  readonly model: Pick<LoadedModel, 'generate' | 'caption' | 'model'>;
  readonly dataset: Dataset;
  readonly signal?: AbortSignal;
  readonly onProgress: Progress;
}

/** Makes and captions examples. Throws what generation throws, `generation.aborted` when the signal says so. */
export async function evaluateTrained(
  evaluation: TrainedEvaluation,
): Promise<Pick<TrainingReport, 'trained' | 'heldOut' | 'captions'>> {
  const { model, dataset } = evaluation;
  const modalities = Object.keys(model.model.continuous).filter((name) => mediumOfModality(name) !== undefined);
  const splits = [dataset.train, ...dataset.heldOut.slice(0, counts.heldOutSplits)];
  const tasks = splits.flatMap((split) => modalities.map((modality) => ({ split, modality })));
  const drawings: ReportHeldOutDrawing[] = [];
  const captions: ReportCaption[] = [];
  for (const [index, task] of tasks.entries()) {
    evaluation.onProgress({ task: 'examples for the report', done: index, total: tasks.length });
    drawings.push(...(await madeFor(evaluation, task)));
    if ('text' in model.model.discrete) captions.push(...(await captionsFor(evaluation, task)));
  }
  evaluation.onProgress({ task: 'examples for the report', done: tasks.length, total: tasks.length });
  const isTrained = ({ split }: { readonly split: string }) => split === dataset.train.name;
  return {
    trained: drawings.filter(isTrained),
    heldOut: drawings.filter((drawing) => !isTrained(drawing)),
    captions,
  };
}

interface Task {
  readonly split: DatasetSplit;
  readonly modality: string;
}

async function madeFor(
  { model, signal }: TrainedEvaluation,
  { split, modality }: Task,
): Promise<readonly ReportHeldOutDrawing[]> {
  const drawings: ReportHeldOutDrawing[] = [];
  for (const { caption, value: real } of await knownValues(split, { modality, count: counts.made })) {
    const value = await makeValue(model, { caption, modality, ...(signal && { signal }) });
    const generated = mediumOfValue(value) === undefined ? [] : [value as ReportValue];
    drawings.push({ split: split.name, caption: caption === '' ? 'no text' : caption, generated, real });
  }
  return drawings;
}

async function captionsFor(
  { model, signal }: TrainedEvaluation,
  { split, modality }: Task,
): Promise<readonly ReportCaption[]> {
  const captions: ReportCaption[] = [];
  const known = await knownValues(split, { modality, count: counts.captioned });
  for (const { id, caption: expected, value } of known.filter(hasCaption)) {
    const options = { modality, maximumTokens: captionTokens, ...(signal && { signal }) };
    const written = await model.caption(value, options);
    captions.push({ split: split.name, id, value, expected, written, correct: written === expected });
  }
  return captions;
}

function hasCaption({ caption }: KnownValue): boolean {
  return caption !== '';
}
