import { createCompiledEngine } from '@transfuse/core/engine';
import { createEulerSampler } from '@transfuse/plugins/samplers';
import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
import { describe, expect, it } from 'vitest';
import { generate } from '../packages/core/src/generation/generate.ts';
import type { GenerateOptions } from '../packages/core/src/generation/generation-options.ts';
import { createModelRunner } from '../packages/core/src/generation/model-runner.ts';
import type { PromptItem } from '../packages/core/src/generation/prompt.ts';
import { defineModel } from '../packages/core/src/model/transfusion-model.ts';
import { layOutDocument } from '../packages/core/src/sequence/document-layout.ts';
import { nextBatch } from '../packages/core/src/training/training-batch.ts';
import {
  countedKinds,
  batchOf,
  type ChosenNoise,
  sampleByVelocity,
  textOf,
  trainingDocument,
} from './support/tiny-batch.ts';
import { tinyTransformer } from './support/tiny-model.ts';
import { lossRunner } from './support/tiny-loss.ts';
import { waveParameters } from './support/tiny-numbers.ts';
import { latentOf, pictureShapes, shapelyPictures, shapelySounds, soundShapes } from './support/tiny-shapes.ts';
import { letters } from './support/tiny-text.ts';
import { expectSameTold, tell, type Told } from './support/told-events.ts';

// Blocks of several shapes and two modalities in one model: packed together, told by tokens, positioned by axes.

const engine = createCompiledEngine({ threads: 1 });
const kinds = (['sequence', 'axial'] as const).flatMap((positions) =>
  (['fixed', 'told'] as const).map((shapes) => ({ positions, shapes })),
);
const modelOf = ({ positions, shapes }: (typeof kinds)[number]) =>
  defineModel(
    tinyTransformer({ sequenceLength: 96, positions }),
    [letters(8), shapelyPictures(), shapelySounds()],
    shapes === 'told' ? { toldShapes: ['image', 'sound'] } : {},
  );

const segment = (modality: string, stream: number, shape: readonly number[], grid: readonly number[]) =>
  ({ kind: 'continuous', modality, latent: latentOf(stream, shape), grid }) as const;
const picture = (stream: number, index: number) => {
  const shape = pictureShapes[index]!;
  return segment('image', stream, shape, [shape[0] / 2, shape[1] / 2]);
};
const sound = (stream: number, index: number) =>
  segment('sound', stream, soundShapes[index]!, [soundShapes[index]![0]]);

describe.each(kinds)('a batch of blocks of many shapes, positions $positions, shapes $shapes', (kind) => {
  const model = modelOf(kind);
  const at = (time: number, stream: number): ChosenNoise => ({ time, stream });
  const documents = [
    trainingDocument(model, [textOf(1, 2), picture(10, 0)], [at(0.5, 11)]),
    trainingDocument(model, [picture(20, 1), textOf(3), sound(22, 0)], [at(0.3, 21), at(0.9, 23)]),
    trainingDocument(model, [sound(30, 1), picture(32, 2), picture(34, 0)], [at(0.2, 31), at(0.6, 33), at(0.7, 35)]),
  ];
  const shape = {
    rows: 1,
    rowLength: 96,
    asked: 48,
    silent: 48,
    positionAxes: model.positionAxes,
    blocks: countedKinds(model, { image: 2, sound: 2 }),
  };
  const values = waveParameters(model.parameters);

  it('costs each document what it costs alone', async () => {
    const run = await lossRunner(engine, model, values, shape);
    const together = await run(await batchOf(model, documents, shape));
    for (const [index, document] of documents.entries()) {
      const own = await run(await batchOf(model, [document], shape));
      const [alone] = own.documents;
      const within = together.documents[index]!;
      expect(Object.keys(within.tokens)).toEqual(Object.keys(alone!.tokens));
      const numbers = ({ tokens, blocks }: typeof within) => [...Object.values(tokens), ...blocks];
      numbers(within).forEach((value, at) => expect(value).toBeCloseTo(numbers(alone!)[at]!, 4));
    }
  });
});

describe('a document with more blocks of a kind than a batch has room for', () => {
  it('gets a batch of a larger shape, and the next batch is of the usual one', async () => {
    const model = modelOf({ positions: 'sequence', shapes: 'fixed' });
    const many = trainingDocument(
      model,
      [picture(1, 1), picture(2, 1), picture(3, 1)],
      [1, 2, 3].map((stream) => ({ time: 0.5, stream })),
    );
    const few = trainingDocument(model, [textOf(1), picture(4, 0)], [{ time: 0.5, stream: 5 }]);
    const usual = {
      rows: 1,
      rowLength: 40,
      asked: 40,
      silent: 40,
      positionAxes: 1,
      blocks: countedKinds(model, { image: 1, sound: 1 }),
    };
    const stream = { document: async (number: number) => (number === 0 ? many : few) };
    const first = await nextBatch(stream, 0, usual, sampleByVelocity);
    expect(first.packed.shape.blocks['image 4x6x3']!.count).toBe(3);
    expect(first.packed.blocks['image 4x6x3']).toHaveLength(3);
    const second = await nextBatch(stream, first.next, usual, sampleByVelocity);
    expect(second.packed.shape).toEqual(usual);
  });
});

describe.each(kinds)('a generation, positions $positions, shapes $shapes', (kind) => {
  const model = modelOf(kind);
  const { sizes, blocks } = model.vocabulary;
  const values = waveParameters(model.parameters);
  const runner = createModelRunner(model, engine, engine.createStore(values));
  const told = async (prompt: readonly PromptItem[], options: GenerateOptions = {}): Promise<Told[]> => {
    const events: Told[] = [];
    const flow = {
      schedule: createFlowMatchingSchedule(),
      sampler: createEulerSampler(),
      prediction: 'velocity' as const,
      steps: 3,
      guiders: [],
    };
    for await (const event of generate(runner, flow, prompt, options)) events.push(await tell(event));
    return events;
  };
  const shapesOf = (events: readonly Told[]) =>
    events.flatMap(({ words }) => (words.startsWith('shape') ? [words.slice(6)] : []));
  const given = (modality: string, stream: number, shape: readonly number[]) => ({
    modality,
    value: latentOf(stream, shape),
  });

  it('is the same with and without a cache, over values of several shapes', async () => {
    const prompt: PromptItem[] = [
      given('sound', 1, soundShapes[1]),
      'ab',
      given('image', 2, pictureShapes[2]),
      { want: 'image', size: { width: 6, height: 4 } },
      { want: 'sound', size: { moments: 3 } },
      { want: 'text' },
    ];
    const options = { seed: 3, guidance: 2, maximumTokens: 5, temperature: 0.7 };
    const cached = await told(prompt, { ...options, cache: 'prefix' });
    expectSameTold(await told(prompt, { ...options, cache: 'none' }), cached, 1e-3);
    expect(shapesOf(cached)).toEqual(['4x6x3', '3x2']);
  });

  it('begins from a value at that value’s shape', async () => {
    const from = latentOf(5, pictureShapes[2]);
    expect(shapesOf(await told([{ want: 'image', from, strength: 0.5 }]))).toEqual(['6x2x3']);
  });

  it('refuses a size the modality does not have, and one that is not the given value’s', async () => {
    const refused = expect.objectContaining({ code: 'generation.invalid-option' });
    await expect(told([{ want: 'image', size: { width: 5, height: 4 } }])).rejects.toThrow(refused);
    const from = latentOf(5, pictureShapes[2]);
    await expect(told([{ want: 'image', size: { width: 4, height: 4 }, from }])).rejects.toThrow(refused);
  });

  it('takes the shape the model writes where it tells shapes, and the default otherwise', async () => {
    // Weights that always want the same size tokens: one feature is always on, and the head listens to it.
    const willing = waveParameters(model.parameters);
    const [embedding, head] = [willing['embedding.weight']!.data, willing['head.weight']!.data];
    for (let id = 0; id < model.vocabulary.size; id++) {
      embedding[id * 16] = 4;
      head[id] = id === sizes.offset + 2 ? 3 : 0; // "3"
    }
    const other = createModelRunner(model, engine, engine.createStore(willing));
    const events: Told[] = [];
    const settings = {
      schedule: createFlowMatchingSchedule(),
      sampler: createEulerSampler(),
      prediction: 'velocity' as const,
      steps: 2,
      guiders: [],
    };
    const wants = [{ want: 'image' }, { want: 'sound' }];
    for await (const event of generate(other, settings, wants, { temperature: 0 })) events.push(await tell(event));
    // A grid of 3 rows has 1 column; 3 moments are 3.
    expect(shapesOf(events)).toEqual(kind.shapes === 'told' ? ['6x2x3', '3x2'] : ['4x4x3', '3x2']);
  });

  it.runIf(kind.shapes === 'told').each([
    [82, ['4x4x3', '4x6x3', '6x2x3'], 13],
    [86, ['4x4x3', '6x2x3'], 9],
    [88, ['6x2x3'], 7],
    [89, [], 6],
  ] as const)('writes no shape that there is no room for, after %i letters', async (letters, possible, room) => {
    expect(96 - 1 - letters).toBe(room); // a begin token, two sizes, the tokens, an end token
    const prompt = ['abcdefgh'.repeat(12).slice(0, letters), { want: 'image' }];
    const seen = new Set<string>();
    for (let seed = 0; seed < 6; seed++) {
      const events = await told(prompt, { seed, temperature: 5 });
      for (const shape of shapesOf(events)) seen.add(shape);
      const [reason, made] = possible.length > 0 ? ['fulfilled', 1] : ['sequence-length', 0];
      expect(events.at(-1)!.words).toBe(`end ${reason} 0 ${made}`);
    }
    expect([...seen].filter((shape) => !(possible as readonly string[]).includes(shape))).toEqual([]);
  });

  it('lays out exactly what it wrote', async () => {
    const events = await told([{ want: 'image', size: { width: 2, height: 6 } }]);
    const made = events.find(({ words }) => words === 'image')!;
    const layout = layOutDocument(
      [{ kind: 'continuous', modality: 'image', latent: latentOf(1, pictureShapes[2]), grid: [3, 1] }],
      model.vocabulary,
    );
    const { begin, end } = blocks['image']!;
    const header = kind.shapes === 'told' ? [sizes.offset + 2, sizes.offset] : [];
    expect([...layout.ids]).toEqual([
      model.vocabulary.beginDocument,
      begin,
      ...header,
      -1,
      -1,
      -1,
      end,
      model.vocabulary.endDocument,
    ]);
    expect(made.numbers).toHaveLength(36);
  });
});
