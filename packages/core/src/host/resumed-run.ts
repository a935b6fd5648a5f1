// Checks that a run can be taken up: that the checkpoint holds the whole state of a training, and that the configuration
// still describes the same run. Only what does not change what is learned from the next step on may differ.
import type { Checkpoint } from '../training/checkpoint.ts';
import type { TrainerState } from '../training/trainer.ts';
import { TransfuseError } from '../errors/index.ts';
import { blockKinds } from '../sequence/block-kind.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import { checkWeights } from './build-model.ts';
import type { ResolvedConfig } from './config-types.ts';
import { validateConfig } from './config.ts';
import { readBatchShape } from './stored-batch-shape.ts';
import { printShort } from './short-value.ts';

/** Throws `config.invalid`, its place the first field that differs from the run's own configuration. */
export function checkSameRun(config: ResolvedConfig, checkpoint: Checkpoint): void {
  const earlier = validateConfig(checkpoint.config);
  const deciding = ({ model, modalities, objective, data, train }: ResolvedConfig) => ({
    model,
    modalities,
    objective,
    data,
    train: { seed: train.seed, rows: train.rows, rowLength: train.rowLength, accumulate: train.accumulate },
  });
  const difference = firstDifference(deciding(earlier), deciding(config), '');
  if (difference === undefined) return;
  throw new TransfuseError({
    code: 'config.invalid',
    place: difference.path,
    found: printShort(difference.now),
    expected: `${printShort(difference.before)}, as in the run that is resumed`,
    mend: 'Put the old value back, or start a new run in another folder.',
  });
}

/** The state of training in a checkpoint, also of one of before blocks had kinds. Throws `checkpoint.not-found` or `checkpoint.invalid`. */
export function trainerStateOf(checkpoint: Checkpoint, model: TransfusionModel, folder: string): TrainerState {
  const { trainer } = checkpoint;
  if (trainer === undefined) {
    throw new TransfuseError({
      code: 'checkpoint.not-found',
      place: `${folder}/trainer_state.json`,
      found: 'a checkpoint for generation only',
      expected: 'one that training wrote',
      mend: 'Resume from the folder of the run that trained it.',
    });
  }
  const { stores, step, nextDocument } = trainer;
  checkWeights(model, stores.average, `${folder}/model.safetensors`);
  for (const name of ['parameters', 'first', 'second'] as const) {
    checkWeights(model, stores[name], `${folder}/optimizer.safetensors, ${name}`);
  }
  const { train } = validateConfig(checkpoint.config);
  const batchShape = readBatchShape(trainer.batchShape, model, train);
  if (batchShape !== undefined && step >= 0 && nextDocument >= 0) return { ...trainer, batchShape };
  const kinds = Object.keys(blockKinds(model.continuous));
  throw new TransfuseError({
    code: 'checkpoint.invalid',
    place: `${folder}/trainer_state.json`,
    found: printShort({ step, nextDocument, batchShape: trainer.batchShape }),
    expected:
      `counts from 0 up, ${train.rows} rows of ${train.rowLength}, positions along as many axes as the model’s, lanes ` +
      `no longer than rows if any, and blocks of ${kinds.join(', ') || 'no kind'}`,
    mend: 'Use another copy of the checkpoint, or start a new run.',
  });
}

function firstDifference(
  before: unknown,
  now: unknown,
  path: string,
): { readonly path: string; readonly before: unknown; readonly now: unknown } | undefined {
  const isRecord = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isRecord(before) && isRecord(now)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
      const found = firstDifference(before[key], now[key], path === '' ? key : `${path}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return JSON.stringify(before) === JSON.stringify(now) ? undefined : { path, before, now };
}
