/**
 * What is run in Node.js and on a page alike: twenty training steps of a tiny model with text and pictures, and texts and
 * pictures of a model with made-up weights. Everything random is decided by seeds.
 */
import type { DatasetSplit, Engine } from '@transfuse/core/contracts';
import { createModelRunner, generate } from '@transfuse/core/generation';
import { defineModel } from '@transfuse/core/model';
import { createDdimSampler } from '@transfuse/plugins/samplers';
import { createCosineSchedule } from '@transfuse/plugins/schedules';
import { tinyImage, tinyPicture } from '../../support/tiny-image.ts';
import { tinyTransformer } from '../../support/tiny-model.ts';
import { waveParameters } from '../../support/tiny-numbers.ts';
import { letters } from '../../support/tiny-text.ts';
import { trainTwentySteps, type TwentySteps } from '../../support/twenty-steps.ts';

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

/** Trains twenty steps of a model of these. */
export async function trainTinyScene(engine: Engine): Promise<TwentySteps> {
  return trainTwentySteps(engine, defineModel(tinyTransformer(), [letters(6), tinyImage()]), split);
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
