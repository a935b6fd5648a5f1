// One training step of a small Transfusion model, on native TensorFlow and on the plain CPU backend: forward, backward,
// clipping, AdamW and the moving average, for text and a picture. The two must agree, so that what is reported as working
// also computes the right numbers.
import { linearPatchImage } from '@transfuse/adapters/image';
import type { DiscreteAdapter, Engine } from '@transfuse/core/contracts';
import { TransfuseError } from '@transfuse/core/contracts';
import { createEagerEngine } from '@transfuse/core/engine';
import { defineModel } from '@transfuse/core/model';
import { createTrainer } from '@transfuse/core/training';
import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';

/** What a step on native TensorFlow showed. */
export interface TrainingStepReport {
  /** What ran, in the engine's words. */
  readonly description: string;
  readonly device: 'cpu' | 'gpu';
  readonly loss: number;
  /** The same loss on the plain CPU backend of TensorFlow.js. */
  readonly referenceLoss: number;
  /** Of the second step, the first to run warm. */
  readonly milliseconds: number;
}

/** How far loss and gradient may lie from the reference, relative to it; the two add in different orders. */
const tolerance = 1e-3;

/** Trains two steps on each backend. Throws `engine.unavailable` where native TensorFlow does not load or is wrong. */
export async function tryTrainingStep(): Promise<TrainingStepReport> {
  const native = await trainOn('tensorflow');
  const reference = await trainOn('cpu');
  for (const quantity of ['loss', 'gradientNorm'] as const) {
    const [found, expected] = [native[quantity], reference[quantity]];
    if (Math.abs(found - expected) <= tolerance * Math.abs(expected)) continue;
    throw new TransfuseError({
      code: 'engine.unavailable',
      place: 'training step on native TensorFlow',
      found: `a ${quantity} of ${found}`,
      expected: `${expected}, as on the CPU backend`,
      mend: 'Build against another TensorFlow (--libtensorflow).',
    });
  }
  const { description, loss, milliseconds } = native;
  const device = description.endsWith('gpu') ? 'gpu' : 'cpu';
  return { description, device, loss, referenceLoss: reference.loss, milliseconds };
}

async function trainOn(backend: string) {
  const engine = await createEagerEngine({ backend });
  const trainer = await smallTrainer(engine);
  try {
    await trainer.step();
    const started = performance.now();
    const { total, gradientNorm } = await trainer.step();
    const milliseconds = performance.now() - started;
    return { description: engine.description, loss: total, gradientNorm, milliseconds };
  } finally {
    await trainer.dispose();
    await engine.dispose();
  }
}

function smallTrainer(engine: Engine) {
  const picture = { width: 16, height: 16, data: Uint8Array.from({ length: 768 }, (_, index) => (index * 37) % 256) };
  const item = (index: number) => ({
    id: String(index),
    segments: [
      { modality: 'text', value: [1 + index, 2, 3, 5, 8, 13] },
      { modality: 'image', value: picture },
    ],
  });
  return createTrainer({
    engine,
    model: defineModel(transformer, [letters, linearPatchImage({ size: 16, patchSize: 8 })]),
    split: { name: 'train', length: 4, item },
    schedule: createFlowMatchingSchedule(),
    settings: { objective, train },
  });
}

/** A tokenizer for values that are ids already. */
const letters: DiscreteAdapter<readonly number[]> = {
  kind: 'discrete',
  modality: 'text',
  vocabularySize: 27,
  encode: (ids) => Int32Array.from(ids),
  decode: (ids) => Array.from(ids),
  createIncrementalDecoder: () => ({ push: (id) => [id], flush: () => [] }),
  assets: () => ({}),
};

const transformer = {
  width: 32,
  depth: 2,
  heads: 2,
  keyValueHeads: 1,
  feedForwardWidth: 64,
  sequenceLength: 32,
  ropeBase: 10_000,
  positions: 'sequence',
  normEpsilon: 1e-5,
  queryKeyNorm: 'none',
  head: 'untied',
} as const;

const objective = {
  captionFirst: 0.5,
  captionDropout: 0,
  imageFirstTimeCap: 0.5,
  diffusionWeight: 5,
  prediction: 'velocity',
  lossSpace: 'velocity',
  minimumLossTime: 0.05,
} as const;

const train = {
  steps: 2,
  rows: 4,
  rowLength: 24,
  accumulate: 1,
  learningRate: 1e-3,
  finalLearningRateRatio: 0.05,
  warmup: 1,
  betas: [0.9, 0.95],
  epsilon: 1e-8,
  weightDecay: 0.1,
  clip: 1,
  ema: { decay: 0.99, warm: 'ramp' },
  seed: 0,
} as const;
