import { createCompiledEngine, createEagerEngine } from '@transfuse/core/engine';
import { afterAll, describe, expect, it } from 'vitest';
import { readAutoencoderKlConfig } from './autoencoder-kl-config.ts';
import { createRandom } from '@transfuse/core';
import { initializeParameters } from '@transfuse/core/params';
import { autoEncoderParameters } from './autoencoder-parameters.ts';
import { perceptualParameters } from './perceptual-distance.ts';
import { createVaeTrainer, type VaeStepReport, type VaeTrainerOptions } from './vae-trainer.ts';

const config = readAutoencoderKlConfig({
  block_out_channels: [4, 4],
  down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
  up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
  norm_num_groups: 2,
  latent_channels: 2,
  sample_size: 4,
});
const settings: VaeTrainerOptions['settings'] = {
  steps: 30,
  warmup: 2,
  learningRate: 0.02,
  finalLearningRateRatio: 0.1,
  betas: [0.9, 0.99],
  epsilon: 1e-8,
  weightDecay: 0,
  clip: 1,
  averageDecay: 0.9,
  seed: 7,
};
const compiled = createCompiledEngine({ threads: 1, cache: 'none' });
const eager = await createEagerEngine({ backend: 'cpu' });
afterAll(() => Promise.all([compiled.dispose(), eager.dispose()]));

/** One half of every picture light, the other dark. */
const pixels = Float32Array.from({ length: 2 * 48 }, (_, index) => (index % 48 < 24 ? 0.8 : -0.6));

async function losses(changes: Partial<VaeTrainerOptions>, steps: number): Promise<number[]> {
  const trainer = await createVaeTrainer({ engine: compiled, config, batch: 2, settings, ...changes });
  const seen: number[] = [];
  for (let step = 0; step < steps; step++) seen.push((await trainer.step(pixels)).loss);
  await trainer.dispose();
  return seen;
}

describe('training an autoencoder step by step', () => {
  it('learns', async () => {
    const seen = await losses({}, 30);
    expect(seen.at(-1)).toBeLessThan(seen[0]! / 2);
  });

  it('is decided by the seed, on either engine', async () => {
    const first = await losses({}, 3);
    expect(await losses({}, 3)).toEqual(first);
    const other = await losses({ engine: eager }, 3);
    other.forEach((loss, step) => expect(loss).toBeCloseTo(first[step]!, 4));
    expect(await losses({ settings: { ...settings, seed: 8 } }, 3)).not.toEqual(first);
  });

  it('reports the weighted sum of its parts and hands out the weights of the average', async () => {
    const lossWeights = { reconstruction: 2, divergence: 0.5 };
    const trainer = await createVaeTrainer({ engine: compiled, config, batch: 2, settings, lossWeights });
    const before = await trainer.weights();
    const report = await trainer.step(pixels);
    expect(report.loss).toBeCloseTo(2 * report.reconstruction + 0.5 * report.divergence, 5);
    expect(report).toMatchObject({ step: 1, learningRate: 0.01 });
    const after = await trainer.weights();
    const spec = autoEncoderParameters(config);
    expect(Object.keys(after)).toEqual(Object.keys(spec));
    // The average of the first step keeps 2 / 11 of what was, and Adam's first step is as long as the learning rate.
    const moved = Object.keys(spec).map((name) =>
      Math.max(...after[name]!.data.map((value, index) => Math.abs(value - before[name]!.data[index]!))),
    );
    expect(Math.max(...moved)).toBeCloseTo((0.01 * 9) / 11, 4);
    await trainer.dispose();
  });

  it('counts the squared error only where it is asked to', async () => {
    const [plain] = await losses({}, 1);
    const [twice] = await losses({ lossWeights: { squared: 2 } }, 1);
    const [once] = await losses({ lossWeights: { squared: 1 } }, 1);
    expect(once! - plain!).toBeGreaterThan(0.01);
    expect(twice! - plain!).toBeCloseTo(2 * (once! - plain!), 5);
  });

  it('brings the perceptual distance down further where it counts', async () => {
    const perceptual = { weights: initializeParameters(perceptualParameters([4, 4, 4, 4, 4]), createRandom(3)) };
    for (const tensor of Object.values(perceptual.weights)) {
      if (tensor.shape[3] === 1) (tensor.data as Float32Array).forEach((value, at, all) => (all[at] = Math.abs(value)));
    }
    const large = { ...config, sampleSize: 16 };
    const picture = Float32Array.from({ length: 2 * 768 }, (_, index) => Math.sin(index * 0.7) * Math.cos(index / 48));
    const lastOf = async (weight: number): Promise<VaeStepReport> => {
      const lossWeights = { perceptual: weight };
      const options = { engine: compiled, config: large, batch: 2, settings, lossWeights, perceptual };
      const trainer = await createVaeTrainer(options);
      let last: VaeStepReport | undefined;
      for (let step = 0; step < 60; step++) last = await trainer.step(picture); // the gap grows with the steps
      await trainer.dispose();
      return last!;
    };
    const [without, counted] = [await lastOf(0), await lastOf(5)];
    expect(counted.perceptual).toBeLessThan(without.perceptual! * 0.9);
    expect(counted.loss).toBeCloseTo(counted.reconstruction + 1e-6 * counted.divergence + 5 * counted.perceptual!, 4);
  });

  it('trains a discriminator from its first step on, which learns to tell, and a decoder that deceives it', async () => {
    const large = { ...config, sampleSize: 16 };
    const picture = Float32Array.from({ length: 2 * 768 }, (_, index) => Math.sin(index * 0.7) * Math.cos(index / 48));
    const run = async (weight: number) => {
      const trainer = await createVaeTrainer({
        engine: compiled,
        config: large,
        batch: 2,
        settings,
        adversarial: { start: 4, weight, weighting: 'fixed', discriminator: { channels: 4, groups: 2 } },
      });
      const reports: VaeStepReport[] = [];
      for (let step = 0; step < 30; step++) reports.push(await trainer.step(picture));
      await trainer.dispose();
      return reports;
    };
    const [watched, deceiving] = [await run(0), await run(1)];
    expect(watched.map(({ discriminator }) => discriminator !== undefined)).toEqual(
      Array.from({ length: 30 }, (_, index) => index >= 3),
    );
    expect(watched[3]!.discriminator).toBeCloseTo(1, 0);
    expect(watched.at(-1)!.discriminator).toBeLessThan(0.5 * watched[3]!.discriminator!);
    expect(deceiving.at(-1)!.adversarial).toBeLessThan(watched.at(-1)!.adversarial!); // higher scores
    expect(deceiving.slice(0, 3)).toEqual(watched.slice(0, 3));
  });

  it('weighs the adversarial loss by the gradients unless told otherwise', async () => {
    const large = { ...config, sampleSize: 16 };
    const adversarial = { start: 1, discriminator: { channels: 4, groups: 2 } };
    const trainer = await createVaeTrainer({ engine: compiled, config: large, batch: 1, settings, adversarial });
    const report = await trainer.step(new Float32Array(768).fill(0.3));
    expect(report.adversarialWeight).toBeGreaterThan(0);
    expect(report.adversarialWeight).not.toBeCloseTo(0.5, 3);
    await trainer.dispose();
  });

  it('refuses pictures too small for a term, and a discriminator that never starts', async () => {
    const perceptual = { weights: {} };
    for (const [place, changes] of [
      ['perceptual', { perceptual }],
      ['discriminator.layers', { adversarial: { start: 1 } }],
      ['adversarial.start', { adversarial: { start: 0 } }],
    ] as const) {
      const options = { engine: compiled, config, batch: 1, settings, ...changes };
      await expect(createVaeTrainer(options)).rejects.toMatchObject({ code: 'config.invalid', place });
    }
  });

  it('stops where the loss is no number any more', async () => {
    const trainer = await createVaeTrainer({ engine: compiled, config, batch: 2, settings });
    await expect(trainer.step(pixels.map(() => Number.NaN))).rejects.toMatchObject({
      code: 'training.diverged',
      place: 'step 1',
    });
    await trainer.dispose();
  });
});
