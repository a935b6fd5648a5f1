import type { Branch, Guider, Sampler } from '@transfuse/core/contracts';
import { createCompiledEngine } from '@transfuse/core/engine';
import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
import { describe, expect, it } from 'vitest';
import { generate } from '../packages/core/src/generation/generate.ts';
import type { GenerationEvent } from '../packages/core/src/generation/generation-event.ts';
import type { DiffusionSettings, GenerateOptions } from '../packages/core/src/generation/generation-options.ts';
import { denoisingFromFiles, denoisingToFiles } from '../packages/core/src/generation/denoising-state.ts';
import { createModelRunner } from '../packages/core/src/generation/model-runner.ts';
import type { PromptItem } from '../packages/core/src/generation/prompt.ts';
import { defineModel } from '../packages/core/src/model/transfusion-model.ts';
import { createRandom } from '../packages/core/src/random/seeded-random.ts';
import { expectSameTold, tell, type Told } from './support/told-events.ts';
import { tinyImage, tinyPicture } from './support/tiny-image.ts';
import { tinyTransformer } from './support/tiny-model.ts';
import { largestDifference, waveParameters } from './support/tiny-numbers.ts';
import { letters } from './support/tiny-text.ts';

// What guidance and editing do to a block, on a tiny model with real reading: every branch read against caches tells what
// it tells when it is read whole, and every option changes what it should and nothing else.

const schedule = createFlowMatchingSchedule();

/** Euler's method over flow matching, with a little noise of its own at every step. */
const noisyEuler: Sampler = {
  name: 'noisy-euler',
  config: {},
  begin(_, { steps }) {
    const levels = Array.from({ length: steps + 1 }, (__, i) => 1 - i / steps);
    return {
      evaluations: levels.slice(0, -1).map((time) => ({ time, level: schedule.at(time) })),
      steps: levels.slice(0, -1).map((__, i) => i),
      start: (noise, { clean, step = 0 } = {}) => {
        const { alpha, sigma } = schedule.at(levels[step]!);
        const latent = clean === undefined ? noise.slice() : clean.map((x, i) => alpha * x + sigma * noise[i]!);
        return { index: step, latent, memory: [] };
      },
      step({ index }, { clean, noise }, draw) {
        const { alpha, sigma } = schedule.at(levels[index + 1]!);
        const fresh = draw();
        const latent = clean.map((x, i) => alpha * x + sigma * (0.8 * noise[i]! + 0.6 * fresh[i]!));
        return { index: index + 1, latent, memory: [] };
      },
    };
  },
};

const model = defineModel(tinyTransformer({ sequenceLength: 160 }), [letters(20), tinyImage()]);
const values = waveParameters(model.parameters);
const engine = createCompiledEngine({ threads: 1 });
const runner = createModelRunner(model, engine, engine.createStore(values));
const weakValues = Object.fromEntries(
  Object.entries(values).map(([name, tensor]) => [
    name,
    { ...tensor, data: (tensor.data as Float32Array).map((value) => 0.7 * value) },
  ]),
);
const weak = createModelRunner(model, engine, engine.createStore(weakValues));
const diffusion: DiffusionSettings = {
  schedule,
  sampler: noisyEuler,
  prediction: 'velocity',
  steps: 4,
  guiders: [],
};

/** Away from each of the branches by the same scale. */
const awayFrom = (...branches: readonly Branch[]): Guider => ({
  name: 'away',
  config: {},
  branches,
  guide: ({ guided, outputs }) => ({
    guided: guided.map((x, i) => x + branches.reduce((sum, branch) => sum + 1.5 * (x - outputs[branch]![i]!), 0)),
  }),
});

async function eventsOf(prompt: readonly PromptItem[], options: GenerateOptions): Promise<GenerationEvent[]> {
  const events: GenerationEvent[] = [];
  for await (const event of generate(runner, diffusion, prompt, options)) events.push(event);
  return events;
}

async function told(prompt: readonly PromptItem[], options: GenerateOptions = {}): Promise<Told[]> {
  return Promise.all((await eventsOf(prompt, options)).map(tell));
}

const imageOf = (events: readonly Told[]) => events.findLast(({ words }) => words === 'image')!.numbers;
const picture = (stream: number) => ({ modality: 'image', value: tinyPicture(stream) });
const image = { want: 'image' };

describe('a branch read against its cache tells what it tells when read whole', () => {
  const prompt = ['ab', picture(300), 'cde', image, { want: 'text' }, image, image];
  it.each<[string, readonly Branch[], GenerateOptions]>([
    ['without text', ['without-text'], {}],
    ['without text, with a negative prompt', ['without-text'], { negative: 'ghij' }],
    ['without blocks', ['without-blocks'], {}],
    ['unconditional', ['unconditional'], { negative: 'k' }],
    ['of a weaker model', ['weak'], { weak }],
    ['of the same model as the weaker one', ['weak', 'without-text'], { weak: runner }],
    ['all of them at once', ['without-text', 'without-blocks', 'unconditional', 'weak'], { weak }],
  ])('%s', async (_, branches, options) => {
    const common = { maximumTokens: 5, seed: 3, guidance: [awayFrom(...branches)], ...options };
    const found = await told(prompt, { ...common, cache: 'prefix' });
    expectSameTold(found, await told(prompt, { ...common, cache: 'none' }), 1e-4);
    expect(found.filter(({ words }) => words === 'image')).toHaveLength(3);
    const plain = await told(prompt, { maximumTokens: 5, seed: 3 });
    expect(largestDifference(imageOf(found), imageOf(plain))).toBeGreaterThan(1e-3);
  });
});

describe('guidance', () => {
  it('away from a negative prompt is not guidance away from no text', async () => {
    const run = (options: GenerateOptions) => told(['abc', image], { guidance: 3, ...options });
    const [plain, negative] = [await run({}), await run({ negative: 'fgh' })];
    expect(largestDifference(imageOf(plain), imageOf(negative))).toBeGreaterThan(1e-3);
  });

  it('refuses a negative prompt too long for its branch', async () => {
    const negative = 'abcdefghij'.repeat(15);
    await expect(told(['abc', picture(300), 'de', image], { guidance: 3, negative })).rejects.toMatchObject({
      code: 'sequence.too-long',
      place: 'options.negative',
    });
  });

  it.each(['prefix', 'none'] as const)('may remember what the branches said, cache %s', async (cache) => {
    const said: number[][] = [];
    const remembering: Guider = {
      name: 'remembering',
      config: {},
      branches: ['weak'],
      guide({ guided, outputs, memory }) {
        expect(memory.map((then) => [...then])).toEqual(said);
        said.push([...outputs.conditional], [...outputs.weak!]);
        return { guided, memory: [...memory, outputs.conditional, outputs.weak!] };
      },
    };
    await told(['ab', image], { guidance: [remembering], weak: runner, cache });
    expect(said).toHaveLength(2 * diffusion.steps);
    expect(said[0]).not.toEqual(said[2]);
  });

  it('away from the prompt itself is none', async () => {
    const guided = await told(['abc', image], { guidance: 3, negative: 'abc' });
    expect(largestDifference(imageOf(guided), imageOf(await told(['abc', image])))).toBeLessThan(1e-4);
  });
});

describe('editing', () => {
  const from = tinyPicture(301);
  const made = async (want: Record<string, unknown>, options: GenerateOptions = {}) =>
    imageOf(await told(['abc', { ...image, ...want }], options));

  it('stays the closer to the picture the less strength it has', async () => {
    const distances = [];
    for (const strength of [0.25, 0.5, 1])
      distances.push(largestDifference(await made({ from, strength }), [...from.data]));
    expect(distances).toEqual(distances.toSorted((a, b) => a - b));
    expect(distances[0]).toBeGreaterThan(0);
  });

  it('takes as many steps as the strength’s share', async () => {
    const events = await told(['abc', { ...image, from, strength: 0.5 }]);
    expect(events.filter(({ words }) => words.startsWith('step')).map(({ words }) => words)).toEqual([
      'step 3 of 4',
      'step 4 of 4',
    ]);
  });

  it('keeps every element outside the mask exactly', async () => {
    const [height, width] = from.shape as [number, number];
    const data = Float32Array.from({ length: height * width }, (_, i) => (i % width < width / 2 ? 1 : 0));
    const result = await made({ from, mask: { data, shape: [height, width] } });
    const channels = from.shape[2]!;
    const differs = (inside: number) =>
      result.some((x, i) => data[Math.floor(i / channels)] === inside && x !== Math.fround(from.data[i]!));
    expect([differs(0), differs(1)]).toEqual([false, true]);
  });

  it('varies with another seed’s noise by the amount', async () => {
    const [none, half, whole] = [
      await made({ variation: { seed: 8, amount: 0 } }, { seed: 1 }),
      await made({ variation: { seed: 8, amount: 0.5 } }, { seed: 1 }),
      await made({ variation: { seed: 8, amount: 1 } }, { seed: 1 }),
    ];
    expect(none).toEqual(await made({}, { seed: 1 }));
    expect(largestDifference(none, half)).toBeGreaterThan(1e-3);
    expect(largestDifference(none, whole)).toBeGreaterThan(1e-3);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a strength without a picture', { strength: 0.5 }, 'prompt[1]'],
    ['a strength of 0', { from, strength: 0 }, 'prompt[1].strength'],
    ['an unknown field', { form: from }, 'prompt[1].form'],
    ['a mask of another shape', { from, mask: { data: [1, 1, 1], shape: [3, 1] } }, 'want.mask'],
    ['a mask that is a file', { from, mask: 'mask.png' }, 'want.mask'],
    ['a strength in words', { from, strength: '0.5' }, 'prompt[1].strength'],
    ['a variation that is null', { variation: null }, 'prompt[1].variation'],
    ['a state that is none', { resume: {} }, 'prompt[1].resume'],
    ['a variation beyond all of it', { variation: { seed: 1, amount: 2 } }, 'prompt[1].variation'],
  ])('refuses %s', async (_, want, place) => {
    await expect(made(want)).rejects.toMatchObject({ code: 'generation.invalid-option', place });
  });
});

describe('a block stopped after any evaluation', () => {
  it('goes on from its files to the same picture', async () => {
    const options = { seed: 5, guidance: 2 };
    const events = await eventsOf(['abc', image], options);
    const whole = imageOf(await told(['abc', image], options));
    const states = events.flatMap((event) => (event.type === 'step' ? [event.state] : []));
    expect(states).toHaveLength(4);
    for (const state of states) {
      const resume = denoisingFromFiles(denoisingToFiles(state));
      expect(imageOf(await told(['abc', { ...image, resume }], options))).toEqual(whole);
    }
  });
});

describe('noise', () => {
  it('of torch is decided by the seed and not ours', async () => {
    const run = async (noise: 'transfuse' | 'torch' | 'torch-channels-first', seed: number) =>
      imageOf(await told(['abc', image], { noise, seed }));
    expect(await run('torch', 1)).toEqual(await run('torch', 1));
    expect(await run('torch', 1)).not.toEqual(await run('torch', 2));
    expect(await run('torch', 1)).not.toEqual(await run('transfuse', 1));
    expect(await run('torch', 1)).not.toEqual(await run('torch-channels-first', 1));
  });
});

it('a generation does not disturb its inputs', async () => {
  const from = tinyPicture(302);
  const before = from.data.slice();
  await told([picture(302), { ...image, from, strength: 0.5 }], { seed: createRandom('any').integer(9) });
  expect(from.data).toEqual(before);
});
