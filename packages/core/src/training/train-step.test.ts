import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { batchOf, countedKinds, textOf, trainingDocument } from '../../../../test/support/tiny-batch.ts';
import { tinyTransformer } from '../../../../test/support/tiny-model.ts';
import { largestDifference, waveParameters, zerosLike } from '../../../../test/support/tiny-numbers.ts';
import { tinySample, tinySignal } from '../../../../test/support/tiny-signal.ts';
import { letters } from '../../../../test/support/tiny-text.ts';
import type { Engine, TensorStore } from '../contracts/engine.ts';
import { createCompiledEngine } from '../engine/compiled-engine.ts';
import { createEagerEngine } from '../engine/eager-engine.ts';
import { defineModel } from '../model/transfusion-model.ts';
import { lossInputs } from '../objective/transfusion-loss.ts';
import type { BatchShape } from '../sequence/pack-rows.ts';
import type { TrainingDocument } from './document-stream.ts';
import { applyGradients, collectGradients, stepScalarInputs, trainStep } from './train-step.ts';

// The numbers themselves are held to PyTorch in test/model-transfusion-loss.test.ts.

const config = tinyTransformer({ width: 8, depth: 1, heads: 2, keyValueHeads: 1, feedForwardWidth: 8 });
const model = defineModel(config, [letters(6), tinySignal()]);
const shape = {
  rows: 1,
  rowLength: 12,
  asked: 12,
  silent: 12,
  positionAxes: 1,
  blocks: countedKinds(model, { signal: 1 }),
};
const inputs = lossInputs(shape);
const values = waveParameters(model.parameters);
const optimizer = { betas: [0.9, 0.95], epsilon: 1e-8, weightDecay: 0.1, clip: 1 } as const;
const options = { diffusionWeight: 5, optimizer };
const scalars = {
  learningRate: Float32Array.of(0.01),
  firstCorrection: Float32Array.of(10),
  secondCorrection: Float32Array.of(20),
  averageDecay: Float32Array.of(0.5),
};

const batch = (word: number, stream: number) => {
  const signal = { kind: 'continuous', modality: 'signal', latent: tinySample(stream), grid: [3] } as const;
  return batchOf(
    model,
    [trainingDocument(model, [textOf(word, 1), signal], [{ time: 0.5, stream: stream + 1 }])],
    shape,
  );
};

const storesOf = (engine: Engine) => ({
  parameters: engine.createStore(values),
  first: engine.createStore(zerosLike(values)),
  second: engine.createStore(zerosLike(values)),
  average: engine.createStore(values),
});
const collector = (engine: Engine, parameters: TensorStore, gradients: TensorStore, share: number) =>
  engine.compile(collectGradients(model, shape, { ...options, share }), {
    name: 'collect-gradients',
    inputs,
    stores: { parameters, gradients },
  });

const engines = { eager: await createEagerEngine(), compiled: createCompiledEngine({ threads: 1 }) };

describe.each(Object.entries(engines))('a training step, %s', (_, engine) => {
  it('returns every number of the loss, and changes every store', async () => {
    const stores = storesOf(engine);
    const step = await engine.compile(trainStep(model, shape, options), {
      name: 'train-step',
      inputs: { ...inputs, ...stepScalarInputs },
      stores,
    });
    const outputs = await step.run({ ...(await batch(2, 10)).feeds, ...scalars });
    const sizes = Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data.length]));
    expect(sizes).toEqual({
      total: 1,
      text: 1,
      diffusion: 1,
      gradientNorm: 1,
      tokenLosses: 12,
      'signal 3x2.blockErrors': 1,
    });
    for (const [name, store] of Object.entries(stores)) {
      const { data } = await store.read('blocks.0.attention.query.weight');
      const before =
        name === 'parameters' || name === 'average'
          ? values['blocks.0.attention.query.weight']!.data
          : new Float32Array(64);
      expect(largestDifference(data, before), name).toBeGreaterThan(1e-9);
    }
  });

  it('collects shares of several batches and leaves the weights alone until they are applied', async () => {
    const stores = storesOf(engine);
    const gradients = engine.createStore(zerosLike(values));
    const collect = await collector(engine, stores.parameters, gradients, 0.25);
    const [one, other] = [await batch(2, 10), await batch(3, 20)];
    const read = async () => (await gradients.read('head.weight')).data.slice();
    await collect.run(one.feeds);
    const first = await read();
    await collect.run(other.feeds);
    const both = await read();
    expect(Math.hypot(...first)).toBeGreaterThan(1e-3);

    const fresh = engine.createStore(zerosLike(values));
    await (await collector(engine, stores.parameters, fresh, 0.25)).run(other.feeds);
    const second = (await fresh.read('head.weight')).data;
    expect(
      largestDifference(
        both,
        first.map((value, index) => value + second[index]!),
      ),
    ).toBeLessThan(1e-6);
    expect((await stores.parameters.read('head.weight')).data).toEqual(values['head.weight']!.data);

    const apply = await engine.compile(applyGradients(model, options), {
      name: 'apply-gradients',
      inputs: stepScalarInputs,
      stores: { ...stores, gradients },
    });
    const { gradientNorm } = await apply.run(scalars);
    expect(gradientNorm!.data[0]).toBeGreaterThan(Math.hypot(...both) * 0.999);
    expect((await stores.parameters.read('head.weight')).data).not.toEqual(values['head.weight']!.data);
    expect((await read()).every((value) => value === 0)).toBe(true);
  });
});

describe.each(Object.entries(engines))('a step over documents apart, %s', (_, engine) => {
  // Of two layers, so that what padding gets from the first would show in the second.
  const deep = defineModel({ ...config, depth: 2 }, [letters(6), tinySignal()]);
  const values = waveParameters(deep.parameters);
  const picture = (word: number, stream: number) => {
    const signal = { kind: 'continuous', modality: 'signal', latent: tinySample(stream), grid: [3] } as const;
    return trainingDocument(deep, [textOf(word), signal], [{ time: 0.5, stream: stream + 1 }]);
  };
  const short = trainingDocument(deep, [textOf(4)]);
  const gradientsOver = async (documents: readonly TrainingDocument[], changes: Partial<BatchShape>) => {
    const own: BatchShape = { ...shape, blocks: countedKinds(deep, { signal: 3 }), ...changes };
    const { feeds } = await batchOf(deep, documents, own);
    const [parameters, gradients] = [engine.createStore(values), engine.createStore(zerosLike(values))];
    const collect = await engine.compile(collectGradients(deep, own, { ...options, share: 1 }), {
      name: 'collect-gradients',
      inputs: lossInputs(own),
      stores: { parameters, gradients },
    });
    const { total } = await collect.run(feeds);
    return {
      total: total!.data[0]!,
      gradients: await Promise.all(Object.keys(values).map(async (name) => (await gradients.read(name)).data)),
    };
  };

  it.each([
    // Documents of 8, 8 and 8 positions, or 3 in place of the last.
    { of: 'rows without padding, so that documents cross their borders', last: picture(1, 30), rows: 2, count: 3 },
    { of: 'padding and lanes to spare', last: short, rows: 3, count: 5 },
    { of: 'lanes that all are taken, and padding', last: short, rows: 2, count: 3 },
  ])('has the loss and the gradients of rows: $of', async ({ last, rows, count }) => {
    const documents = [picture(2, 10), picture(3, 20), last];
    const inRows = await gradientsOver(documents, { rows: 3 });
    const apart = await gradientsOver(documents, { rows, asked: 16, silent: 16, lanes: { count, length: 16 } });
    expect(apart.total).toBeCloseTo(inRows.total, 5);
    for (const [index, gradient] of inRows.gradients.entries()) {
      expect(Math.hypot(...gradient)).toBeGreaterThan(1e-6);
      expect(largestDifference(apart.gradients[index]!, gradient)).toBeLessThan(2e-6 * (1 + Math.hypot(...gradient)));
    }
  });
});

it('a training step leaves no tensors behind, eager', async () => {
  const engine = engines.eager;
  const step = await engine.compile(trainStep(model, shape, options), {
    name: 'train-step',
    inputs: { ...inputs, ...stepScalarInputs },
    stores: storesOf(engine),
  });
  const feeds = { ...(await batch(2, 10)).feeds, ...scalars };
  await step.run(feeds);
  const before = memory().numTensors;
  await step.run(feeds);
  await step.run(feeds);
  expect(memory().numTensors).toBe(before);
});
