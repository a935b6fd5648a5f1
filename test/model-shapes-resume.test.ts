import type { Branch, Guider } from '@transfuse/core/contracts';
import { createCompiledEngine } from '@transfuse/core/engine';
import { createEulerSampler } from '@transfuse/plugins/samplers';
import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
import { describe, expect, it } from 'vitest';
import {
  denoisingFromFiles,
  type DenoisingState,
  denoisingToFiles,
} from '../packages/core/src/generation/denoising-state.ts';
import { generate } from '../packages/core/src/generation/generate.ts';
import type { GenerationEvent } from '../packages/core/src/generation/generation-event.ts';
import type { GenerateOptions } from '../packages/core/src/generation/generation-options.ts';
import { createModelRunner } from '../packages/core/src/generation/model-runner.ts';
import type { PromptItem } from '../packages/core/src/generation/prompt.ts';
import type { TransformerConfig } from '../packages/core/src/model/transformer-config.ts';
import { defineModel } from '../packages/core/src/model/transfusion-model.ts';
import { tinyTransformer } from './support/tiny-model.ts';
import { waveParameters } from './support/tiny-numbers.ts';
import { latentOf, pictureShapes, shapelyPictures, shapelySounds } from './support/tiny-shapes.ts';
import { letters } from './support/tiny-text.ts';
import { tell } from './support/told-events.ts';

// Stopped blocks of any shape, taken up again, and weaker models beside a model of several shapes.

const engine = createCompiledEngine({ threads: 1 });
const modelOf = (toldShapes: readonly string[], changes: Partial<TransformerConfig> = {}) =>
  defineModel(
    tinyTransformer({ sequenceLength: 96, positions: 'axial', ...changes }),
    [letters(8), shapelyPictures(), shapelySounds()],
    { toldShapes },
  );
const runnerOf = (model: ReturnType<typeof modelOf>) =>
  createModelRunner(model, engine, engine.createStore(waveParameters(model.parameters)));
const flow = {
  schedule: createFlowMatchingSchedule(),
  sampler: createEulerSampler(),
  prediction: 'velocity' as const,
  steps: 3,
  guiders: [],
};

describe.each(['fixed', 'told'] as const)('a stopped block, shapes %s', (shapes) => {
  const runner = runnerOf(modelOf(shapes === 'told' ? ['image', 'sound'] : []));
  const eventsOf = async (prompt: readonly PromptItem[], options: GenerateOptions): Promise<GenerationEvent[]> => {
    const events: GenerationEvent[] = [];
    for await (const event of generate(runner, flow, prompt, options)) events.push(event);
    return events;
  };
  const wordsOf = async (events: readonly GenerationEvent[]) =>
    (await Promise.all(events.map(tell))).filter(({ words }) => !words.startsWith('step'));
  const stateOf = (events: readonly GenerationEvent[]): DenoisingState =>
    events.find((event) => event.type === 'step')!.state;

  it.each([0, 1, 2, 3, 4, 5])('has the shape it was begun with, written or default, seed %i', async (seed) => {
    const options = { seed, temperature: 5, maximumTokens: 3 };
    const whole = await eventsOf(['ab', { want: 'image' }, { want: 'text' }], options);
    const resume = denoisingFromFiles(denoisingToFiles(stateOf(whole)));
    const again = await eventsOf(['ab', { want: 'image', resume }, { want: 'text' }], options);
    expect(await wordsOf(again)).toEqual(await wordsOf(whole));
  });

  it('has the size it was asked for', async () => {
    const want = { want: 'image', size: { width: 2, height: 6 } };
    const whole = await eventsOf(['ab', want], {});
    const resume = denoisingFromFiles(denoisingToFiles(stateOf(whole)));
    const again = await eventsOf(['ab', { want: 'image', resume }], { seed: 9 });
    expect(await wordsOf(again)).toEqual(await wordsOf(whole));
    expect(resume.latentShape).toEqual([6, 2, 3]);
  });

  it('is of no other size, and of no other model', async () => {
    const resume = stateOf(await eventsOf(['ab', { want: 'image', size: { width: 2, height: 6 } }], {}));
    const refused = { code: 'generation.invalid-state', place: 'want.resume' };
    const size = { width: 4, height: 4 };
    await expect(eventsOf(['ab', { want: 'image', size, resume }], {})).rejects.toMatchObject(refused);
    await expect(eventsOf(['ab', { want: 'sound', resume }], {})).rejects.toMatchObject(refused);
  });

  it('is read from files that do not name its shape', async () => {
    const { json, tensors } = denoisingToFiles(stateOf(await eventsOf([{ want: 'sound', size: { moments: 5 } }], {})));
    const { latentShape, ...earlier } = JSON.parse(json) as Record<string, unknown>;
    expect(latentShape).toEqual([5, 2]);
    expect(denoisingFromFiles({ json: JSON.stringify(earlier), tensors }).latentShape).toEqual([5, 2]);
    for (const wrong of ['5x2', [5, 0.5], [], [-5, 2]]) {
      const files = { json: JSON.stringify({ ...earlier, latentShape: wrong }), tensors };
      expect(() => denoisingFromFiles(files)).toThrow(expect.objectContaining({ code: 'generation.invalid-state' }));
    }
  });
});

describe('a weaker model', () => {
  const guider: Guider = {
    name: 'auto',
    config: {},
    branches: ['weak' satisfies Branch],
    guide: ({ outputs }) => ({ guided: outputs.conditional.map((x, i) => 2 * x - outputs.weak![i]!) }),
  };
  const told = ['image'];
  const runner = runnerOf(modelOf(told));
  const made = async (weak: ReturnType<typeof runnerOf>, cache: 'prefix' | 'none', prompt = 'ab') => {
    const run = generate(runner, flow, [prompt, { want: 'image' }], { weak, guidance: [guider], cache });
    for await (const event of run) if (event.type === 'end') return event.reason;
    return undefined;
  };

  it('may list its adapters and their shapes in another order', async () => {
    const pictures = { ...shapelyPictures(), latentShapes: pictureShapes.toReversed() };
    const model = defineModel(tinyTransformer({ sequenceLength: 96 }), [shapelySounds(), pictures, letters(8)], {
      toldShapes: told,
    });
    expect(await made(runnerOf(model), 'prefix')).toBe('fulfilled');
  });

  it('is refused where its blocks have other headers, though its vocabulary is as large', async () => {
    // Five moments are the longest axis, so that telling pictures too adds no token.
    const strong = runnerOf(modelOf(['sound']));
    const weak = runnerOf(modelOf(['image', 'sound']));
    expect(weak.model.vocabulary.size).toBe(strong.model.vocabulary.size);
    const run = generate(strong, flow, [{ want: 'image' }], { weak, guidance: [guider] });
    await expect(run.next()).rejects.toMatchObject({ code: 'generation.invalid-option', place: 'options.weak' });
  });

  it.each(['prefix', 'none'] as const)('is refused where its sequences are too short, cache %s', async (cache) => {
    const short = runnerOf(modelOf(told, { sequenceLength: 32 }));
    expect(await made(short, cache)).toBe('fulfilled');
    await expect(made(short, cache, 'abcdefgh'.repeat(4))).rejects.toMatchObject({
      code: 'sequence.too-long',
      place: 'options.weak',
    });
  });
});

it('a value to begin from may be masked at its own shape only', async () => {
  const runner = runnerOf(modelOf([]));
  const from = latentOf(3, pictureShapes[2]);
  const mask = (...shape: number[]) => ({ shape, data: new Float32Array(shape[0]! * shape[1]!).fill(1) });
  const made = async (want: object) => {
    const run = generate(runner, flow, [{ want: 'image', ...want }], {});
    for await (const event of run) if (event.type === 'segment') return (event.value as { shape: unknown }).shape;
    return undefined;
  };
  expect(await made({ from, mask: mask(12, 4) })).toEqual([6, 2, 3]);
  await expect(made({ from, mask: mask(4, 4) })).rejects.toMatchObject({
    code: 'generation.invalid-option',
    place: 'want.mask',
  });
});
