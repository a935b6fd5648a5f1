import { createCompiledEngine, createEagerEngine } from '@transfuse/core/engine';
import type { Engine } from '@transfuse/core/contracts';
import { createDdimSampler, createDdpmSampler, createEulerSampler } from '@transfuse/plugins/samplers';
import { createCosineSchedule, createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
import { describe, expect, it } from 'vitest';
import { generate } from '../packages/core/src/generation/generate.ts';
import type { DiffusionSettings, GenerateOptions } from '../packages/core/src/generation/generation-options.ts';
import { createModelRunner, type ModelRunner } from '../packages/core/src/generation/model-runner.ts';
import type { PromptItem } from '../packages/core/src/generation/prompt.ts';
import { defineModel } from '../packages/core/src/model/transfusion-model.ts';
import { expectSameTold, tell, type Told } from './support/told-events.ts';
import { tinyImage, tinyPicture } from './support/tiny-image.ts';
import { tinyTransformer } from './support/tiny-model.ts';
import { largestDifference, waveParameters } from './support/tiny-numbers.ts';
import { letters } from './support/tiny-text.ts';

// Generation reads the sequence piece by piece against a cache of keys and values. Here every event of it is compared
// with reading the whole sequence anew each time, which knows no cache.

const model = defineModel(tinyTransformer({ sequenceLength: 160 }), [letters(20), tinyImage()]);
const values = waveParameters(model.parameters);
const runnerOn = (engine: Engine) => createModelRunner(model, engine, engine.createStore(values));
const compiled = runnerOn(createCompiledEngine({ threads: 1 }));

const flow: DiffusionSettings = {
  schedule: createFlowMatchingSchedule(),
  sampler: createEulerSampler(),
  prediction: 'velocity',
  steps: 4,
  guiders: [],
};
const ddim: DiffusionSettings = {
  ...flow,
  schedule: createCosineSchedule(),
  sampler: createDdimSampler(),
  prediction: 'epsilon',
};
const ddpm: DiffusionSettings = {
  ...flow,
  schedule: createCosineSchedule(),
  sampler: createDdpmSampler(),
  prediction: 'velocity',
};

async function told(
  prompt: string | readonly PromptItem[],
  options: GenerateOptions,
  settings: DiffusionSettings = flow,
  runner: ModelRunner = compiled,
): Promise<Told[]> {
  const events: Told[] = [];
  for await (const event of generate(runner, settings, prompt, options)) events.push(await tell(event));
  return events;
}

/** Weights that like to begin images and never end a document: one feature is always on, and the head listens to it. */
function restless() {
  const { size, endDocument, blocks } = model.vocabulary;
  const changed = waveParameters(model.parameters);
  const embedding = changed['embedding.weight']!.data;
  for (let id = 0; id < size; id++) embedding[id * 16] = 4;
  const head = changed['head.weight']!.data;
  for (let id = 0; id < size; id++) head[id] = id === endDocument ? -10 : id === blocks['image']!.begin ? 0.6 : 0;
  return changed;
}

const count = (events: readonly Told[], pattern: RegExp) => events.filter(({ words }) => pattern.test(words)).length;
const picture = (stream: number) => ({ modality: 'image', value: tinyPicture(stream) });
const longText = 'abcdefghijklmnopqrst'.repeat(3); // 60 letters: with what follows, more than a capacity of 64

describe('reading against a cache tells what reading everything anew tells', () => {
  it.each<[string, readonly PromptItem[], GenerateOptions, DiffusionSettings]>([
    ['text alone', ['abc', { want: 'text' }], { maximumTokens: 12, seed: 1 }, flow],
    ['an image for a caption', ['a cat', { want: 'image' }], {}, flow],
    ['an image for a caption, guided', ['a cat', { want: 'image' }], { guidance: 3 }, flow],
    ['a caption for an image', [picture(300), { want: 'text' }], { maximumTokens: 8, seed: 2 }, flow],
    [
      'images and texts in turn',
      ['ab', ...['image', 'text', 'image', 'text'].map((want) => ({ want }))],
      { maximumTokens: 6, seed: 4 },
      flow,
    ],
    [
      'images and texts in turn, guided, over cosine',
      ['ab', picture(300), 'cd', ...['image', 'text', 'image'].map((want) => ({ want }))],
      { maximumTokens: 6, guidance: 2, seed: 5 },
      ddim,
    ],
    ['a sampler with noise of its own', ['ab', { want: 'image' }, { want: 'image' }], { guidance: 1.5, seed: 6 }, ddpm],
    ['text across a capacity', [longText, { want: 'text' }], { maximumTokens: 8, seed: 12 }, flow],
    [
      'an image across a capacity',
      [longText, { want: 'image' }, { want: 'text' }],
      { maximumTokens: 3, seed: 7 },
      flow,
    ],
    [
      'guidance between branches of different capacities',
      [longText + 'abcd', picture(300), { want: 'image' }, { want: 'text' }, { want: 'image' }],
      { maximumTokens: 3, guidance: 3, seed: 8 },
      flow,
    ],
  ])('%s', async (_, prompt, options, settings) => {
    const found = await told(prompt, { ...options, cache: 'prefix' }, settings);
    expectSameTold(found, await told(prompt, { ...options, cache: 'none' }, settings), 1e-4);
    const wanted = (name: string) =>
      prompt.filter((item) => typeof item === 'object' && 'want' in item && item.want === name).length;
    expect(count(found, /^image/)).toBe(wanted('image')); // what is compared did happen
    if (wanted('text') > 0) expect(count(found, /^token/)).toBeGreaterThan(1);
  });

  it('a free run through text and images, past two capacities', async () => {
    const engine = createCompiledEngine({ threads: 1 });
    const runner = createModelRunner(model, engine, engine.createStore(restless()));
    const options = { maximumTokens: 120, maximumBlocks: 20, seed: 1 } as const;
    const found = await told(longText, options, flow, runner);
    expectSameTold(found, await told(longText, { ...options, cache: 'none' }, flow, runner), 1e-4);
    expect(count(found, /^image/)).toBeGreaterThan(1);
    expect(found.at(-1)!.words).toMatch(/^end sequence-length/); // 160 positions: past 64 and 128
    await engine.dispose();
  });

  it('eagerly as well, and the engines tell the same', async () => {
    const eager = runnerOn(await createEagerEngine());
    const prompt = ['ab', picture(300), { want: 'image' }, { want: 'text' }];
    const options = { maximumTokens: 4, guidance: 2, seed: 4 };
    const found = await told(prompt, options, flow, eager);
    expectSameTold(found, await told(prompt, { ...options, cache: 'none' }, flow, eager), 1e-4);
    expectSameTold(found, await told(prompt, options), 1e-4);
  });
});

describe('a seed', () => {
  const prompt = ['ab', { want: 'image' }, { want: 'text' }, { want: 'image' }];
  const run = (seed: number) => told(prompt, { seed, maximumTokens: 10, guidance: 2 }, ddpm);

  it('decides every event', async () => {
    expect(await run(4)).toEqual(await run(4));
  });

  it('decides it differently from another seed, tokens and images alike', async () => {
    const [one, other] = [await run(4), await run(9)];
    const tokens = (events: readonly Told[]) =>
      events.filter(({ words }) => words.startsWith('token')).map(({ words }) => words);
    const images = (events: readonly Told[]) =>
      events.filter(({ words }) => words === 'image').map(({ numbers }) => numbers);
    expect(tokens(one)).not.toEqual(tokens(other));
    images(one).forEach((image, index) => expect(largestDifference(image, images(other)[index]!)).toBeGreaterThan(0.1));
  });

  it('gives the second image noise of its own', async () => {
    const [first, second] = (await run(4)).filter(({ words }) => words === 'image').map(({ numbers }) => numbers);
    expect(largestDifference(first!, second!)).toBeGreaterThan(0.1);
  });
});

it('an abort in the middle of an image ends the generation with its own error', async () => {
  const controller = new AbortController();
  const steps: number[] = [];
  const run = async () => {
    for await (const event of generate(compiled, flow, [{ want: 'image' }], { steps: 10, signal: controller.signal })) {
      if (event.type === 'step') steps.push(event.step);
      if (steps.length === 4) controller.abort();
    }
  };
  await expect(run()).rejects.toMatchObject({ code: 'generation.aborted' });
  expect(steps).toEqual([1, 2, 3, 4]);
});

it('after an image, text goes on as if the finished image had been in the prompt', async () => {
  const options = { temperature: 0, maximumTokens: 6 } as const;
  for await (const event of generate(compiled, flow, ['ab', { want: 'image' }], options)) {
    if (event.type !== 'segment') continue;
    const made = { modality: 'image', value: event.value };
    const afterMaking = await told(['ab', { want: 'image' }, { want: 'text' }], options);
    const afterGiving = await told(['ab', made, { want: 'text' }], options);
    const tokens = (events: readonly Told[]) => events.filter(({ words }) => words.startsWith('token'));
    expect(tokens(afterMaking).length).toBeGreaterThan(1);
    expect(tokens(afterMaking)).toEqual(tokens(afterGiving));
  }
});

it('without guidance towards the caption, the image does not depend on it; with guidance it does', async () => {
  const image = async (caption: string, guidance: number) =>
    (await told([caption, { want: 'image' }], { guidance })).find(({ words }) => words === 'image')!.numbers;
  expect(largestDifference(await image('abc', 0), await image('fgh', 0))).toBeLessThan(1e-5);
  expect(largestDifference(await image('abc', 1), await image('fgh', 1))).toBeGreaterThan(1e-3);
  expect(largestDifference(await image('abc', 3), await image('abc', 1))).toBeGreaterThan(1e-3);
});
