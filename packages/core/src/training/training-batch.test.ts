import { describe, expect, it } from 'vitest';
import {
  batchOf,
  countedKinds,
  sampleByVelocity,
  straightPath,
  textOf,
  trainingDocument,
} from '../../../../test/support/tiny-batch.ts';
import { tinyTransformer } from '../../../../test/support/tiny-model.ts';
import { tinySample, tinySignal } from '../../../../test/support/tiny-signal.ts';
import { letters } from '../../../../test/support/tiny-text.ts';
import type { PredictionType } from '../contracts/noise-schedule.ts';
import { defineModel } from '../model/transfusion-model.ts';
import { lossInputs } from '../objective/transfusion-loss.ts';
import type { EncodedSegment } from '../sequence/document-layout.ts';
import { nextBatch } from './training-batch.ts';

const model = defineModel(tinyTransformer(), [letters(6), tinySignal()]);
const shape = {
  rows: 1,
  rowLength: 30,
  asked: 20,
  silent: 20,
  positionAxes: 1,
  blocks: countedKinds(model, { signal: 3 }),
};
const signal = (stream: number): EncodedSegment => ({
  kind: 'continuous',
  modality: 'signal',
  latent: tinySample(stream),
  grid: [3],
});
const documents = [
  trainingDocument(model, [textOf(1, 2), signal(10)], [{ time: 0.5, stream: 11 }]),
  trainingDocument(model, [signal(20)], [{ time: 0.01, stream: 21 }]),
];

describe('a training batch', () => {
  it('feeds every input of the loss in its size', async () => {
    const { feeds } = await batchOf(model, documents, shape);
    const inputs = lossInputs(shape);
    expect(Object.keys(feeds).toSorted()).toEqual(Object.keys(inputs).toSorted());
    for (const [name, { shape: dimensions, dtype }] of Object.entries(inputs)) {
      expect(feeds[name]!.length, name).toBe(dimensions.reduce((product, size) => product * size, 1));
      expect(feeds[name], name).toBeInstanceOf(dtype === 'int32' ? Int32Array : Float32Array);
    }
  });

  it('shares the text loss evenly among the tokens asked', async () => {
    const { feeds, packed } = await batchOf(model, documents, shape);
    const weights = [...feeds['targetWeights']!];
    const asked = weights.filter((weight) => weight > 0);
    // BOS 1 2 BOI ... EOI EOS asks 4, BOS BOI ... EOI EOS asks 2.
    expect(asked).toEqual(Array<number>(6).fill(Math.fround(1 / 6)));
    expect(weights.map((weight) => (weight > 0 ? 1 : 0))).toEqual([...packed.targetMask]);
  });

  it('carries each block’s latent, noise, time, level and target, and zeros where there is none', async () => {
    const { feeds, noises } = await batchOf(model, documents, shape, { ...sampleByVelocity, prediction: 'velocity' });
    expect([...feeds['signal 3x2.clean']!]).toEqual([
      ...tinySample(10).data,
      ...tinySample(20).data,
      ...Array<number>(6).fill(0),
    ]);
    expect([...feeds['signal 3x2.noise']!]).toEqual([
      ...documents[0]!.noises[0]!.noise,
      ...documents[1]!.noises[0]!.noise,
      ...Array<number>(6).fill(0),
    ]);
    const float = (...values: number[]) => Float32Array.from(values);
    expect(feeds['signal 3x2.time']).toEqual(float(0.5, 0.01, 0));
    expect(feeds['signal 3x2.alpha']).toEqual(float(0.5, 0.99, 0));
    expect(feeds['signal 3x2.sigma']).toEqual(float(0.5, 0.01, 0));
    expect(feeds['signal 3x2.targetClean']).toEqual(float(-1, -1, 0));
    expect(feeds['signal 3x2.targetNoise']).toEqual(float(1, 1, 0));
    expect(noises['signal 3x2']).toEqual([documents[0]!.noises[0], documents[1]!.noises[0]]);
  });

  it.each<[PredictionType, PredictionType, number, number]>([
    ['velocity', 'velocity', 0.01, 1],
    ['epsilon', 'epsilon', 0.99, 1],
    ['sample', 'velocity', 0.5, 1 / 0.5],
    ['sample', 'velocity', 0.01, 1 / 0.05],
    ['sample', 'epsilon', 0.3, 0.7 / 0.3],
    ['sample', 'epsilon', 0.01, 0.95 / 0.05],
    ['epsilon', 'velocity', 0.01, 1 / 0.99],
    ['epsilon', 'velocity', 0.99, 1 / 0.05],
    ['epsilon', 'sample', 0.99, 0.95 / 0.05],
  ])('weighs errors of %s in the space of %s at time %d by %d squared', async (prediction, lossSpace, time, scale) => {
    const two = [documents[0]!, trainingDocument(model, [signal(20)], [{ time, stream: 21 }])];
    const { feeds } = await batchOf(model, two, shape, {
      schedule: straightPath,
      prediction,
      lossSpace,
      minimumLossTime: 0.05,
    });
    const [, weight, unused] = feeds['signal 3x2.weight']!;
    expect(weight! / (scale ** 2 / 2)).toBeCloseTo(1, 5); // of two blocks
    expect(unused).toBe(0);
  });

  it('takes documents until one does not fit, and says where to go on', async () => {
    const asked: number[] = [];
    const stream = {
      document: async (number: number) => {
        asked.push(number);
        return documents[number % 2]!;
      },
    };
    const small = { ...shape, rowLength: 25 }; // 9, 7 and 9 positions fit, another 7 do not
    const first = await nextBatch(stream, 4, small, sampleByVelocity);
    expect([first.next, first.tokens, first.packed.documents, asked]).toEqual([7, 25, 3, [4, 5, 6, 7]]);
    const second = await nextBatch(stream, first.next, small, sampleByVelocity);
    expect(second.packed.blocks['signal 3x2']!.map(({ latent }) => latent.data)).toEqual(
      [20, 10, 20].map((index) => tinySample(index).data),
    );
  });
});
