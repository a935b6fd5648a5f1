/** A few training steps of a tiny model with text and pictures, and how far two engines are apart on them. */
import { linearPatchImage } from '@transfuse/adapters/image';
import type { DatasetSplit, Engine } from '@transfuse/core/contracts';
import { defineModel } from '@transfuse/core/model';
import type { Trainer } from '@transfuse/core/training';
import { tinyTransformer } from './tiny-model.ts';
import { letters } from './tiny-text.ts';
import { createSeededTrainer, trainTwentySteps, type TwentySteps } from './twenty-steps.ts';

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

const tinyModel = () => defineModel(tinyTransformer(), [letters(6), linearPatchImage({ size, patchSize: 8 })]);

/** Trains twenty steps of it. */
export async function trainTiny(engine: Engine): Promise<TwentySteps> {
  return trainTwentySteps(engine, tinyModel(), split);
}

/** Its trainer, for as many steps as it is asked for. */
export async function createTinyTrainer(engine: Engine): Promise<Trainer> {
  return createSeededTrainer(engine, tinyModel(), split);
}

/** The largest difference: of losses and norms relative to themselves, of weights relative to the largest one. */
export function trainingDistance(one: TwentySteps, other: TwentySteps): number {
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
