/** A few training steps of a tiny model with text and pictures, and how far two engines are apart on them. */
import { linearPatchImage } from '@transfuse/adapters/image';
import type { DatasetSplit, Engine } from '@transfuse/core/contracts';
import { defineModel } from '@transfuse/core/model';
import { createTrainer } from '@transfuse/core/training';
import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
import { tinyTransformer } from './tiny-model.ts';
import { letters } from './tiny-text.ts';

const size = 16;
const captions = ['abc', 'fade', 'bead', 'cab'];
const split: DatasetSplit = {
  name: 'train',
  length: captions.length,
  item: (index) => {
    const data = Uint8Array.from({ length: size * size * 3 }, (_, at) => (at * (7 + index)) % 251);
    return {
      id: String(index),
      segments: [
        { modality: 'text', value: captions[index]! },
        { modality: 'image', value: { width: size, height: size, data } },
      ],
    };
  },
};

/** What a run left. */
export interface TinyTraining {
  /** The loss and the gradient's norm of every step. */
  readonly steps: readonly { readonly loss: number; readonly gradientNorm: number }[];
  /** Every parameter after the first and after the last step. */
  readonly weights: readonly Readonly<Record<string, Float32Array>>[];
}

/** Trains twenty steps; everything random is decided by the seed, so two engines see the same batches and noise. */
export async function trainTiny(engine: Engine): Promise<TinyTraining> {
  const trainer = await createTrainer({
    engine,
    model: defineModel(tinyTransformer(), [letters(6), linearPatchImage({ size, patchSize: 8 })]),
    split,
    schedule: createFlowMatchingSchedule(),
    settings: {
      objective: {
        captionFirst: 0.8,
        captionDropout: 0.1,
        imageFirstTimeCap: 0.5,
        diffusionWeight: 5,
        prediction: 'sample',
        lossSpace: 'velocity',
        minimumLossTime: 0.05,
      },
      train: {
        steps: 100,
        rows: 2,
        rowLength: 16,
        accumulate: 1,
        learningRate: 1e-3,
        finalLearningRateRatio: 0.05,
        warmup: 5,
        betas: [0.9, 0.95],
        epsilon: 1e-8,
        weightDecay: 0.1,
        clip: 1,
        ema: { decay: 0.99, warm: 'ramp' },
        seed: 3,
      },
    },
  });
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

/** The largest difference: of losses and norms relative to themselves, of weights relative to the largest one. */
export function trainingDistance(one: TinyTraining, other: TinyTraining): number {
  const steps = one.steps.flatMap(({ loss, gradientNorm }, index) => [
    Math.abs(loss / other.steps[index]!.loss - 1),
    Math.abs(gradientNorm / other.steps[index]!.gradientNorm - 1),
  ]);
  const weights = one.weights.flatMap((parameters, moment) =>
    Object.entries(parameters).map(([name, values]) => {
      const others = other.weights[moment]![name]!;
      const largest = others.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
      return values.reduce((most, value, index) => Math.max(most, Math.abs(value - others[index]!)), 0) / largest;
    }),
  );
  return Math.max(...steps, ...weights);
}
