import { describe, expect, it } from 'vitest';
import {
  batchOf,
  countedKinds,
  sampleByVelocity,
  textOf,
  trainingDocument,
} from '../../../../test/support/tiny-batch.ts';
import { worstGradientMismatch } from '../../../../test/support/tiny-gradient-check.ts';
import { tinyTransformer } from '../../../../test/support/tiny-model.ts';
import { waveParameters } from '../../../../test/support/tiny-numbers.ts';
import { tinySample, tinySignal } from '../../../../test/support/tiny-signal.ts';
import { letters } from '../../../../test/support/tiny-text.ts';
import type { HostTensor } from '../contracts/tensors.ts';
import { createCompiledEngine } from '../engine/compiled-engine.ts';
import { createEagerEngine } from '../engine/eager-engine.ts';
import { defineModel, type TransfusionModel } from '../model/transfusion-model.ts';
import type { EncodedSegment } from '../sequence/document-layout.ts';
import type { TrainingBatch } from '../training/training-batch.ts';
import { lossInputs, transfusionLoss } from './transfusion-loss.ts';

const eager = await createEagerEngine();
const compiled = createCompiledEngine({ threads: 1 });

const signal = (stream: number): EncodedSegment => ({
  kind: 'continuous',
  modality: 'signal',
  latent: tinySample(stream),
  grid: [3],
});
const sound = (stream: number): EncodedSegment => ({
  kind: 'continuous',
  modality: 'sound',
  latent: tinySample(stream, { tokens: 2, channels: 1 }),
  grid: [2],
});

/** One row of two documents with blocks of two modalities between them, padding, a spare token and a spare block. */
async function example(head: 'tied' | 'untied') {
  const config = tinyTransformer({ depth: 1, width: 8, heads: 2, keyValueHeads: 1, feedForwardWidth: 8, head });
  const model = defineModel(config, [
    letters(4),
    tinySignal(),
    tinySignal({ modality: 'sound', tokens: 2, channels: 1 }),
  ]);
  const shape = {
    rows: 1,
    rowLength: 24,
    asked: 14,
    silent: 14,
    positionAxes: 1,
    blocks: countedKinds(model, { signal: 2, sound: 1 }),
  };
  const documents = [
    trainingDocument(model, [textOf(1, 3), signal(10)], [{ time: 0.5, stream: 11 }]),
    trainingDocument(model, [sound(12), textOf(0, 2)], [{ time: 0.8, stream: 13 }]),
  ];
  const batch = await batchOf(model, documents, shape);
  return { model, shape, batch };
}

async function lossesOf(model: TransfusionModel, batch: TrainingBatch, diffusionWeight = 5) {
  const { shape } = batch.packed;
  const inputs = lossInputs(shape);
  const parameters = eager.createStore(waveParameters(model.parameters));
  const run = await eager.compile(
    ({ parameters: params }, fed) => {
      const { total, text, diffusion, tokenLosses, blockErrors } = transfusionLoss(model, params!, fed, shape, {
        diffusionWeight,
      });
      const errors = Object.fromEntries(Object.entries(blockErrors).map(([name, value]) => [`errors.${name}`, value]));
      return { outputs: { total, text, diffusion, tokenLosses, ...errors } };
    },
    { name: 'loss', inputs, stores: { parameters } },
  );
  const outputs = await run.run(batch.feeds);
  parameters.dispose();
  return outputs;
}

describe('the transfusion loss', () => {
  it.each([
    ['untied', 'eager', eager],
    ['untied', 'compiled', compiled],
    ['tied', 'eager', eager],
    ['tied', 'compiled', compiled],
  ] as const)('has the gradients that finite differences show, head %s, %s', async (head, _, engine) => {
    const { model, shape, batch } = await example(head);
    const inputs = lossInputs(shape);
    const params = waveParameters(model.parameters);
    const fed: Record<string, HostTensor> = Object.fromEntries(
      Object.entries(inputs).map(([name, spec]) => [name, { ...spec, data: batch.feeds[name]! }]),
    );
    expect(Object.keys(fed).toSorted()).toEqual(Object.keys(batch.feeds).toSorted());
    const worst = await worstGradientMismatch(
      engine,
      (all) => transfusionLoss(model, all, all, shape, { diffusionWeight: 0.5 }).total,
      { ...fed, ...params },
      { names: Object.keys(params), directions: 1, values: eager },
    );
    expect(worst.mismatch, worst.name).toBeLessThan(0.02);
  });

  it('is the weighted sum of token losses plus lambda times the weighted sum of block errors', async () => {
    const { model, batch } = await example('untied');
    const outputs = await lossesOf(model, batch, 3);
    const along = (values: ArrayLike<number>, weights: ArrayLike<number>) =>
      Array.from(weights).reduce((sum, weight, index) => sum + weight * values[index]!, 0);
    const text = along(outputs['tokenLosses']!.data, batch.feeds['targetWeights']!);
    const diffusion =
      along(outputs['errors.signal 3x2']!.data, batch.feeds['signal 3x2.weight']!) +
      along(outputs['errors.sound 2x1']!.data, batch.feeds['sound 2x1.weight']!);
    expect(outputs['text']!.data[0]).toBeCloseTo(text, 5);
    expect(outputs['diffusion']!.data[0]).toBeCloseTo(diffusion, 5);
    expect(outputs['total']!.data[0]).toBeCloseTo(text + 3 * diffusion, 5);
  });

  it('counts an error of the sample as one of the velocity, which is 1 / time as large', async () => {
    const { model, batch } = await example('untied');
    expect(sampleByVelocity.lossSpace).toBe('velocity');
    expect([...batch.feeds['signal 3x2.weight']!]).toEqual([(1 / 0.5) ** 2 / 2, 0]); // two blocks in all
    expect(batch.feeds['sound 2x1.weight']![0]).toBeCloseTo((1 / 0.8) ** 2 / 2, 6);
    const { 'errors.signal 3x2': errors } = await lossesOf(model, batch);
    expect(errors!.data[0]).toBeGreaterThan(0.01); // what the weight multiplies is there
  });

  it('is text alone for a model or a batch without blocks', async () => {
    const model = defineModel(tinyTransformer({ depth: 1 }), [letters(4)]);
    const documents = [trainingDocument(model, [textOf(1, 2, 3)])];
    const batch = await batchOf(model, documents, {
      rows: 1,
      rowLength: 8,
      asked: 8,
      silent: 8,
      positionAxes: 1,
      blocks: {},
    });
    const outputs = await lossesOf(model, batch);
    expect(outputs['diffusion']!.data[0]).toBe(0);
    expect(outputs['total']!.data[0]).toBe(outputs['text']!.data[0]);

    const { model: mixed, shape } = await example('untied');
    const textOnly = await batchOf(mixed, [trainingDocument(mixed, [textOf(1, 2)])], shape);
    const { total, text, diffusion } = await lossesOf(mixed, textOnly);
    expect([diffusion!.data[0], total!.data[0]]).toEqual([0, text!.data[0]]);
  });
});
