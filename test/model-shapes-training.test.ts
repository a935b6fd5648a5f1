import type { DatasetItem, DatasetSplit, Segment } from '@transfuse/core/contracts';
import { createCompiledEngine } from '@transfuse/core/engine';
import { describe, expect, it } from 'vitest';
import { defineModel } from '../packages/core/src/model/transfusion-model.ts';
import { shapeWithRoomFor } from '../packages/core/src/sequence/pack-rows.ts';
import { createDocumentStream } from '../packages/core/src/training/document-stream.ts';
import { createTrainer, type Trainer, type TrainerOptions } from '../packages/core/src/training/trainer.ts';
import type { TrainingSettings } from '../packages/core/src/training/training-settings.ts';
import { straightPath } from './support/tiny-batch.ts';
import { tinyTransformer } from './support/tiny-model.ts';
import { largestDifference } from './support/tiny-numbers.ts';
import { tinySettings } from './support/tiny-settings.ts';
import { latentOf, pictureShapes, shapelyPictures, shapelySounds, soundShapes } from './support/tiny-shapes.ts';
import { letters } from './support/tiny-text.ts';

// Training on stories of pictures and sounds, where now and then a batch grows beyond its usual shape.

const engine = createCompiledEngine({ threads: 1 });
const model = defineModel(
  tinyTransformer({ depth: 1, sequenceLength: 48, positions: 'axial' }),
  [letters(6), shapelyPictures(), shapelySounds()],
  { toldShapes: ['image'] },
);
const picture = (stream: number, shape: number): Segment => ({
  modality: 'image',
  value: latentOf(stream, pictureShapes[shape]!),
});
const sound = (stream: number, shape: number): Segment => ({
  modality: 'sound',
  value: latentOf(stream, soundShapes[shape]!),
});
const stories: readonly (readonly Segment[])[] = [
  [{ modality: 'text', value: 'abc' }, picture(1, 0)],
  [sound(2, 0), { modality: 'text', value: 'fe' }],
  [picture(3, 2), picture(4, 2), picture(5, 2), sound(6, 1)],
  [{ modality: 'text', value: 'd' }, picture(7, 1), { modality: 'text', value: 'cab' }, sound(8, 0)],
];
const split: DatasetSplit = {
  name: 'train',
  length: stories.length,
  item: (index): DatasetItem => ({ id: String(index), segments: stories[index]! }),
};
const settings = (train: Partial<TrainingSettings['train']> = {}) =>
  tinySettings({ rows: 1, ...train }, { modalityWeights: { sound: 0.25 } });
const trainerFor = (changes: Partial<TrainerOptions> = {}) =>
  createTrainer({ engine, model, split, schedule: straightPath, settings: settings(), ...changes });

/** A state as at the beginning, whose batches have room for one block of each kind. */
async function narrowBeginning(options: Partial<TrainerOptions>) {
  const trainer = await trainerFor(options);
  const state = await trainer.state();
  await trainer.dispose();
  const blocks = Object.entries(state.batchShape.blocks).map(([name, kind]) => [name, { ...kind, count: 1 }] as const);
  return { ...state, batchShape: { ...state.batchShape, blocks: Object.fromEntries(blocks) } };
}

async function reports(trainer: Trainer, steps: number) {
  const found = [];
  for (let step = 0; step < steps; step++) found.push(await trainer.step());
  return found;
}

describe('batches that grow', () => {
  it('cost, and teach, what they do where the larger shape is the usual one', async () => {
    const resume = await narrowBeginning({});
    const narrow = await trainerFor({ resume });
    const stream = createDocumentStream({
      split,
      model,
      schedule: straightPath,
      policy: settings().objective,
      seed: 3,
    });
    let grew = 0;
    for (let step = 0; step < 6; step++) {
      const before = await narrow.state();
      const report = await narrow.step();
      const sum = narrow.account().reduce((total, { value, weight }) => total + value * weight, 0);
      expect(sum).toBeCloseTo(report.total, 4);
      const { layout } = await stream.document(before.nextDocument);
      const batchShape = shapeWithRoomFor(layout, before.batchShape);
      if (JSON.stringify(batchShape) !== JSON.stringify(before.batchShape)) grew++;
      const wide = await trainerFor({ resume: { ...before, batchShape } });
      expect((await wide.step()).total).toBeCloseTo(report.total, 5);
      const [one, other] = [await wide.state(), await narrow.state()];
      expect(one.nextDocument).toBe(other.nextDocument);
      for (const [name, { data }] of Object.entries(one.stores.parameters)) {
        expect(largestDifference(data, other.stores.parameters[name]!.data), name).toBeLessThan(1e-5);
      }
      await wide.dispose();
    }
    expect(grew).toBeGreaterThan(0);
    expect(grew).toBeLessThan(6);
    await narrow.dispose();
  });

  it('count in an accumulated step as they do in steps of their own', async () => {
    const resume = await narrowBeginning({});
    const plain = await trainerFor({ resume, settings: settings({ learningRate: 1e-30 }) });
    const each = await reports(plain, 6);
    const accumulated = await trainerFor({ resume, settings: settings({ accumulate: 6 }) });
    const report = await accumulated.step();
    for (const name of ['total', 'text', 'diffusion'] as const) {
      expect(report[name]).toBeCloseTo(
        each.reduce((sum, one) => sum + one[name] / 6, 0),
        4,
      );
    }
    expect(report.tokens).toBe(each.reduce((sum, { tokens }) => sum + tokens, 0));
    await Promise.all([plain.dispose(), accumulated.dispose()]);
  });
});

describe.each([1, 2])('a run of batches that grow, %i a step', (accumulate) => {
  const options = { settings: settings({ accumulate }) };

  it('goes on from a stored state exactly as if nothing had stopped', async () => {
    const resume = await narrowBeginning(options);
    const whole = await trainerFor({ ...options, resume });
    const expected = await reports(whole, 6);
    const first = await trainerFor({ ...options, resume });
    const found = await reports(first, 3);
    const state = await first.state();
    await first.dispose();
    const second = await trainerFor({
      ...options,
      resume: { ...state, batchShape: JSON.parse(JSON.stringify(state.batchShape)) as typeof state.batchShape },
    });
    found.push(...(await reports(second, 3)));
    expect(found).toEqual(expected);
    expect(await second.state()).toEqual(await whole.state());
    expect(state.batchShape).toEqual(resume.batchShape);
    await Promise.all([whole.dispose(), second.dispose()]);
  });
});

it('weighs blocks by their modality, whatever their shape', async () => {
  const trainer = await trainerFor({ settings: settings({ rows: 4 }) });
  await trainer.step();
  const blocks = new Map<string, { modality: string; weight: number }>();
  for (const { block, weight } of trainer.account()) {
    if (block === undefined) continue;
    const key = `${block.modality} ${block.latentShape.join('x')} ${block.index}`;
    blocks.set(key, { modality: block.modality, weight: (blocks.get(key)?.weight ?? 0) + weight });
  }
  const share = 5 / blocks.size;
  expect(new Set([...blocks.keys()].map((key) => key.split(' ').slice(0, 2).join(' '))).size).toBeGreaterThan(3);
  for (const { modality, weight } of blocks.values()) {
    expect(weight).toBeCloseTo(modality === 'sound' ? 0.25 * share : share, 5);
  }
  await trainer.dispose();
});

describe('a step of several batches that fails at its second', () => {
  it('leaves nothing behind: done again, it is the step it would have been', async () => {
    let failing: number | undefined;
    const fragile: DatasetSplit = {
      ...split,
      item: (index) => {
        if (index === failing) throw new Error('unreadable');
        return split.item(index, undefined as never);
      },
    };
    const options = { settings: settings({ accumulate: 4 }), split: fragile };
    const whole = await trainerFor(options);
    const expected = await reports(whole, 2);
    const trainer = await trainerFor(options);
    for (failing = 0; failing < stories.length; failing++) await expect(trainer.step()).rejects.toThrow('unreadable');
    failing = undefined;
    expect(await reports(trainer, 2)).toEqual(expected);
    await Promise.all([whole.dispose(), trainer.dispose()]);
  });
});

describe('a document that cannot be trained on', () => {
  const stepOn = async (...segments: Segment[]) => {
    const odd: DatasetSplit = { name: 'odd', length: 1, item: () => ({ id: 'odd', segments }) };
    const trainer = await trainerFor({ split: odd });
    await trainer.dispose();
  };

  it.each<[string, readonly Segment[], object]>([
    ['an unknown modality', [{ modality: 'smell', value: 'rose' }], { expected: 'text or image or sound' }],
    [
      'a latent of another shape',
      [{ modality: 'sound', value: latentOf(1, [4, 2]) }],
      { expected: '[3, 2] or [5, 2]' },
    ],
    [
      'a latent of too few values',
      [{ modality: 'sound', value: { shape: [3, 2], data: new Float32Array(5) } }],
      { found: '5 values for a latent of shape [3, 2]' },
    ],
    [
      'a time beyond noise',
      [{ ...sound(1, 0), maximumTime: 1.5 }],
      { found: 'a maximumTime of 1.5', place: 'item odd, segment of modality sound' },
    ],
    ['no time at all', [{ ...sound(1, 0), maximumTime: 0 }], { found: 'a maximumTime of 0' }],
    ['a time that is no number', [{ ...sound(1, 0), maximumTime: Number.NaN }], { found: 'a maximumTime of NaN' }],
  ])('with %s says so', async (_, segments, details) => {
    await expect(stepOn(...segments)).rejects.toMatchObject({ code: 'sequence.invalid', ...details });
  });
});
