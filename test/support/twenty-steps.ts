/** Twenty training steps of a tiny model, in Node.js or on a page: what engines are compared by. */
import type { DatasetSplit, Engine } from '@transfuse/core/contracts';
import type { TransfusionModel } from '@transfuse/core/model';
import { createTrainer, type Trainer } from '@transfuse/core/training';
import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
import { tinySettings } from './tiny-settings.ts';

/** What a run left. */
export interface TwentySteps {
  /** The loss and the gradient's norm of every step. */
  readonly steps: readonly { readonly loss: number; readonly gradientNorm: number }[];
  /** Every parameter after the first and after the last step. */
  readonly weights: readonly Readonly<Record<string, Float32Array>>[];
}

/** The trainer of a tiny model; everything random is decided by the seed. */
export function createSeededTrainer(engine: Engine, model: TransfusionModel, split: DatasetSplit): Promise<Trainer> {
  return createTrainer({
    engine,
    model,
    split,
    schedule: createFlowMatchingSchedule(),
    settings: tinySettings({ steps: 100, rowLength: 16, learningRate: 1e-3 }, { lossSpace: 'velocity' }),
  });
}

/** Trains a tiny model: two engines see the same batches and noise. */
export async function trainTwentySteps(
  engine: Engine,
  model: TransfusionModel,
  split: DatasetSplit,
): Promise<TwentySteps> {
  const trainer = await createSeededTrainer(engine, model, split);
  const steps: { loss: number; gradientNorm: number }[] = [];
  const weights: Record<string, Float32Array>[] = [];
  for (let step = 1; step <= 20; step++) {
    const { total, gradientNorm } = await trainer.step();
    steps.push({ loss: total, gradientNorm });
    if (step !== 1 && step !== 20) continue;
    const parameters = Object.entries((await trainer.state()).stores.parameters);
    weights.push(Object.fromEntries(parameters.map(([name, { data }]) => [name, data as Float32Array])));
  }
  await trainer.dispose();
  return { steps, weights };
}
