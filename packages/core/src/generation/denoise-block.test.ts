import { describe, expect, it } from 'vitest';
import { straightPath } from '../../../../test/support/tiny-batch.ts';
import type { Sampler } from '../contracts/sampler.ts';
import { createRandom } from '../random/seeded-random.ts';
import { denoiseBlock, guide } from './denoise-block.ts';

describe('guidance', () => {
  const [conditional, unconditional] = [Float32Array.of(1, -2), Float32Array.of(0.5, 0)];

  it('goes from the unconditional output through the conditional one, and beyond', () => {
    expect([...guide([conditional, unconditional], 0)]).toEqual([0.5, 0]);
    expect([...guide([conditional, unconditional], 1)]).toEqual([1, -2]);
    expect([...guide([conditional, unconditional], 3)]).toEqual([2, -6]);
  });

  it('with one branch is that branch', () => {
    expect(guide([conditional], 3)).toBe(conditional);
  });
});

/** Euler's method on a straight path, written for this test: the next latent is mixed from the estimate anew. */
const straightSampler: Sampler = {
  name: 'straight',
  config: {},
  begin: (_, { steps }) => {
    const times = Array.from({ length: steps }, (_, index) => 1 - index / steps);
    return {
      times,
      start: (noise) => ({ index: 0, latent: noise, memory: [] }),
      step: ({ index }, { clean, noise }, normal) => {
        const time = times[index + 1] ?? 0;
        const jitter = time > 0 ? 1e-3 * normal() : 0;
        return {
          index: index + 1,
          latent: clean.map((x, i) => (1 - time) * x + time * noise[i]! + jitter),
          memory: [],
        };
      },
    };
  },
};

describe('denoising a block', () => {
  const target = Float32Array.of(0.3, -0.7, 0.1);
  const settings = {
    schedule: straightPath,
    sampler: straightSampler,
    prediction: 'sample' as const,
    steps: 4,
    guidance: 1,
  };

  async function run(
    changes: Partial<typeof settings>,
    branches: (latent: Float32Array, time: number) => Float32Array[],
    seed = 1,
  ) {
    const asked: number[] = [];
    const denoiser = {
      predict: async (latent: Float32Array, time: number) => {
        asked.push(time);
        return branches(latent, time);
      },
    };
    const steps = [];
    for await (const step of denoiseBlock(denoiser, 3, { ...settings, ...changes }, createRandom(seed)))
      steps.push(step);
    return { steps, asked };
  }

  it('asks the network at the sampler’s times, from unit noise, and ends at what it says', async () => {
    const latents: Float32Array[] = [];
    const { steps, asked } = await run({}, (latent) => {
      latents.push(latent.slice());
      return [target];
    });
    expect(asked).toEqual([1, 0.75, 0.5, 0.25]);
    expect(latents[0]).toEqual(createRandom(1).fillNormal(new Float32Array(3)));
    expect(steps.map(({ step, of }) => [step, of])).toEqual([1, 2, 3, 4].map((step) => [step, 4]));
    expect(steps.at(-1)!.latent).toEqual(target);
    for (const { estimate } of steps) expect(estimate).toEqual(target);
  });

  it('guides in the space of the network’s output', async () => {
    const { steps } = await run({ guidance: 3 }, () => [target, Float32Array.of(0, 0, 0.1)]);
    expect([...steps.at(-1)!.latent].map((x) => Math.round(x * 1e5) / 1e5)).toEqual([0.9, -2.1, 0.1]);
  });

  it('turns a velocity into the clean sample it points to', async () => {
    const { steps } = await run(
      { prediction: 'velocity' as never },
      (latent, time) => [latent.map((x, index) => (x - target[index]!) / time)], // noisy = clean + time * velocity
    );
    steps.at(-1)!.latent.forEach((x, index) => expect(x).toBeCloseTo(target[index]!, 5));
  });

  it('is decided by its random source', async () => {
    const latents = async (seed: number) =>
      (await run({}, (latent) => [latent.map(Math.tanh)], seed)).steps.map(({ latent }) => [...latent]);
    expect(await latents(1)).toEqual(await latents(1));
    expect(await latents(2)).not.toEqual(await latents(1));
  });
});
