import { readFileSync } from 'node:fs';
import { createCosineSchedule, createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
import type { Engine, HostTensor, PredictionType } from '@transfuse/core/contracts';
import { createCompiledEngine, createEagerEngine } from '@transfuse/core/engine';
import { describe, expect, it } from 'vitest';
import { defineModel } from '../packages/core/src/model/transfusion-model.ts';
import { lossInputs } from '../packages/core/src/objective/transfusion-loss.ts';
import { lossAccount } from '../packages/core/src/training/loss-account.ts';
import {
  applyGradients,
  collectGradients,
  stepScalarInputs,
  trainStep,
} from '../packages/core/src/training/train-step.ts';
import { batchOf, countedKinds, textOf, trainingDocument } from './support/tiny-batch.ts';
import { tinyImage, tinyPicture } from './support/tiny-image.ts';
import { tinyTransformer } from './support/tiny-model.ts';
import { largestDifference, waveParameters, zerosLike } from './support/tiny-numbers.ts';
import { letters } from './support/tiny-text.ts';

// Losses, gradients and optimizer steps of a frozen tiny model on two packed rows, against a second implementation in
// PyTorch and float64: `test/reference/transfusion_loss.py`, which describes the documents and wrote the fixture.

/** Euclidean norm of an array and some of its entries by index. */
type Digest = Readonly<Record<string, { readonly norm: number; readonly entries: Readonly<Record<string, number>> }>>;
interface ReferenceStep {
  readonly learningRate: number;
  readonly averageDecay: number;
  readonly total: number;
  readonly text: number;
  readonly diffusion: number;
  readonly tokenLosses: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly imageErrors: Readonly<Record<string, readonly number[]>>;
  readonly gradientNorm: number;
  readonly gradients: Digest;
  readonly parameters?: Digest;
  readonly average?: Digest;
}
interface ReferenceCase {
  readonly schedule: 'flow-matching' | 'cosine';
  readonly prediction: PredictionType;
  readonly lossSpace: PredictionType;
  readonly steps: readonly ReferenceStep[];
}

const reference = JSON.parse(
  readFileSync(new URL('./model-transfusion-loss.fixture.json', import.meta.url), 'utf8'),
) as { readonly decay: readonly string[]; readonly cases: Readonly<Record<string, ReferenceCase>> };

const engines: Record<string, () => Engine | Promise<Engine>> = {
  eager: () => createEagerEngine(),
  compiled: () => createCompiledEngine({ threads: 1 }),
};

const model = defineModel(tinyTransformer(), [letters(20), tinyImage()]);
const shape = {
  rows: 2,
  rowLength: 18,
  asked: 24,
  silent: 24,
  positionAxes: 1,
  blocks: countedKinds(model, { image: 3 }),
};
const names = ['caption first', 'image first', 'text only']; // in order of placement
const optimizer = { betas: [0.9, 0.95], epsilon: 1e-8, weightDecay: 0.1, clip: 1 } as const;
const options = { diffusionWeight: 5, optimizer };
const inputs = lossInputs(shape);

function batchFor({ schedule: name, prediction, lossSpace }: ReferenceCase) {
  const schedule = name === 'cosine' ? createCosineSchedule() : createFlowMatchingSchedule();
  const image = (stream: number) =>
    ({ kind: 'continuous', modality: 'image', latent: tinyPicture(stream), grid: [4] }) as const;
  const documents = [
    trainingDocument(model, [textOf(3, 1, 4, 1, 5), image(100)], [{ time: 0.5, stream: 101 }], schedule),
    trainingDocument(model, [image(200), textOf(9, 2, 6, 5)], [{ time: 0.25, stream: 201 }], schedule),
    trainingDocument(model, [textOf(8, 17, 0)], [], schedule),
  ];
  return batchOf(model, documents, shape, { schedule, prediction, lossSpace, minimumLossTime: 0.05 });
}

function scalars(step: number, { learningRate, averageDecay }: ReferenceStep) {
  return {
    learningRate: Float32Array.of(learningRate),
    firstCorrection: Float32Array.of(1 / (1 - optimizer.betas[0] ** step)),
    secondCorrection: Float32Array.of(1 / (1 - optimizer.betas[1] ** step)),
    averageDecay: Float32Array.of(averageDecay),
  };
}

/** Largest difference of arrays from a digest, relative to each array's norm (or to `floor`, where that is larger). */
function mismatch(arrays: Readonly<Record<string, HostTensor>>, digest: Digest, floor = 1e-3): number {
  expect(Object.keys(arrays).toSorted()).toEqual(Object.keys(digest).toSorted());
  const each = Object.entries(digest).map(([name, { norm, entries }]) => {
    const data = arrays[name]!.data as Float32Array;
    const found = [Math.hypot(...data), ...Object.keys(entries).map((index) => data[Number(index)]!)];
    return largestDifference(found, [norm, ...Object.values(entries)]) / Math.max(norm, floor);
  });
  return Math.max(...each);
}

const relative = (found: number, expected: number) => Math.abs(found - expected) / Math.abs(expected);

async function readAll(store: { read(name: string): Promise<HostTensor>; specs: object }) {
  const read = Object.keys(store.specs).map(async (name) => [name, await store.read(name)] as const);
  return Object.fromEntries(await Promise.all(read));
}

it('weight decay is declared for the matrices that the reference decays, and for no others', () => {
  const decayed = Object.keys(model.parameters).filter((name) => model.parameters[name]!.decay);
  expect(decayed.toSorted()).toEqual(reference.decay);
});

describe.each(Object.keys(engines))('the %s engine', (engineName) => {
  it.each(Object.keys(reference.cases))('computes every loss and gradient: %s', async (caseName) => {
    const expected = reference.cases[caseName]!;
    const step = expected.steps[0]!;
    const engine = await engines[engineName]!();
    const values = waveParameters(model.parameters);
    const parameters = engine.createStore(values);
    const gradients = engine.createStore(zerosLike(values));
    const collect = await engine.compile(collectGradients(model, shape, { ...options, share: 1 }), {
      name: 'collect-gradients',
      inputs,
      stores: { parameters, gradients },
    });
    const batch = await batchFor(expected);
    const outputs = await collect.run(batch.feeds);

    for (const name of ['total', 'text', 'diffusion'] as const) {
      expect(relative(outputs[name]!.data[0]!, step[name]), name).toBeLessThan(1e-5);
    }
    const tokenLosses: Record<string, Record<string, number>> = {
      'caption first': {},
      'image first': {},
      'text only': {},
    };
    for (const entry of lossAccount(batch, outputs, options)) {
      if (entry.loss !== 'next-token') continue;
      const position = batch.packed.positions[entry.row * shape.rowLength + entry.position]!;
      tokenLosses[names[entry.document - 1]!]![position] = entry.value;
    }
    for (const [document, losses] of Object.entries(step.tokenLosses)) {
      expect(Object.keys(tokenLosses[document]!)).toEqual(Object.keys(losses));
      for (const [position, loss] of Object.entries(losses)) {
        expect(relative(tokenLosses[document]![position]!, loss), `${document}, ${position}`).toBeLessThan(1e-5);
      }
    }
    const errors = names.flatMap((name) => step.imageErrors[name]!);
    errors.forEach((error, index) => {
      expect(relative(outputs['image 4x4x3.blockErrors']!.data[index]!, error), `image ${index}`).toBeLessThan(1e-5);
    });
    expect(mismatch(await readAll(gradients), step.gradients)).toBeLessThan(2e-5);
    await engine.dispose();
  });

  it('takes the same two optimizer steps, in one graph and in two halves', async () => {
    const expected = Object.values(reference.cases)[0]!;
    const engine = await engines[engineName]!();
    const values = waveParameters(model.parameters);
    const zeros = zerosLike(values);
    const batch = await batchFor(expected);
    const createStores = () => ({
      parameters: engine.createStore(values),
      first: engine.createStore(zeros),
      second: engine.createStore(zeros),
      average: engine.createStore(values),
    });
    const [whole, halves] = [createStores(), createStores()];
    const gradients = engine.createStore(zeros);
    const train = await engine.compile(trainStep(model, shape, options), {
      name: 'train-step',
      inputs: { ...inputs, ...stepScalarInputs },
      stores: whole,
    });
    const collect = await engine.compile(collectGradients(model, shape, { ...options, share: 0.5 }), {
      name: 'collect-gradients',
      inputs,
      stores: { parameters: halves.parameters, gradients },
    });
    const apply = await engine.compile(applyGradients(model, options), {
      name: 'apply-gradients',
      inputs: stepScalarInputs,
      stores: { ...halves, gradients },
    });
    for (const [index, step] of expected.steps.entries()) {
      const numbers = scalars(index + 1, step);
      const outputs = await train.run({ ...batch.feeds, ...numbers });
      expect(relative(outputs['total']!.data[0]!, step.total)).toBeLessThan(1e-5);
      expect(relative(outputs['gradientNorm']!.data[0]!, step.gradientNorm)).toBeLessThan(1e-5);
      await collect.run(batch.feeds);
      await collect.run(batch.feeds); // twice half of the same batch is the batch
      const applied = await apply.run(numbers);
      expect(relative(applied['gradientNorm']!.data[0]!, step.gradientNorm)).toBeLessThan(1e-5);
      for (const stores of [whole, halves]) {
        expect(mismatch(await readAll(stores.parameters), step.parameters!)).toBeLessThan(1e-5);
        expect(mismatch(await readAll(stores.average), step.average!)).toBeLessThan(1e-5);
      }
    }
    const left = await readAll(gradients);
    expect(Object.values(left).every(({ data }) => (data as Float32Array).every((value) => value === 0))).toBe(true);
    await engine.dispose();
  });
});
