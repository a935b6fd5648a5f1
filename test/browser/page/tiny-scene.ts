/**
 * What is run in Node.js and on a page alike: twenty training steps of a tiny model with text and pictures, and texts and
 * pictures of a model with made-up weights. Everything random is decided by seeds.
 */
import type { DatasetSplit, Engine } from '@transfuse/core/contracts';
import { createModelRunner, generate } from '@transfuse/core/generation';
import { defineModel } from '@transfuse/core/model';
import { createTrainer } from '@transfuse/core/training';
import { createDdimSampler } from '@transfuse/plugins/samplers';
import { createCosineSchedule, createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
import { tinyImage, tinyPicture } from '../../support/tiny-image.ts';
import { tinyTransformer } from '../../support/tiny-model.ts';
import { waveParameters } from '../../support/tiny-numbers.ts';
import { letters } from '../../support/tiny-text.ts';

const captions = ['abc', 'fade', 'bead', 'cab'];
const split: DatasetSplit = {
  name: 'train',
  length: captions.length,
  item: (index) => ({
    id: String(index),
    segments: [
      { modality: 'text', value: captions[index]! },
      { modality: 'image', value: tinyPicture(100 + index) },
    ],
  }),
};

/** Losses, norms of gradients and weights of a run. */
export interface TinyRun {
  readonly steps: readonly { readonly loss: number; readonly gradientNorm: number }[];
  /** Every parameter after the first and after the last step. */
  readonly weights: readonly Readonly<Record<string, Float32Array>>[];
}

/** Trains twenty steps. */
export async function trainTwentySteps(engine: Engine): Promise<TinyRun> {
  const trainer = await createTrainer({
    engine,
    model: defineModel(tinyTransformer(), [letters(6), tinyImage()]),
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

/** An event in words, with its numbers apart. */
export interface ToldEvent {
  readonly words: string;
  readonly numbers: readonly number[];
}

/** Text, a picture for it with guidance, and text about that. */
export async function generateInTurn(engine: Engine): Promise<ToldEvent[]> {
  const model = defineModel(tinyTransformer({ sequenceLength: 96 }), [letters(20), tinyImage()]);
  const parameters = engine.createStore(waveParameters(model.parameters));
  const runner = createModelRunner(model, engine, parameters);
  const settings = {
    schedule: createCosineSchedule(),
    sampler: createDdimSampler(),
    prediction: 'epsilon',
    steps: 4,
    guiders: [],
  } as const;
  const told: ToldEvent[] = [];
  const prompt = ['ab', { want: 'text' }, { want: 'image' }, { want: 'text' }];
  for await (const event of generate(runner, settings, prompt, { maximumTokens: 6, guidance: 2, seed: 5 })) {
    if (event.type === 'token') told.push({ words: `token ${event.id}`, numbers: [event.logProbability] });
    else if (event.type === 'segment' && event.modality === 'image') {
      told.push({ words: 'image', numbers: [...(event.value as { readonly data: Float32Array }).data] });
    } else if (event.type === 'segment') told.push({ words: `said ${String(event.value)}`, numbers: [] });
    else told.push({ words: event.type, numbers: [] });
  }
  await runner.dispose();
  parameters.dispose();
  return told;
}
