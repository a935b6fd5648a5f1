import { describe, expect, it } from 'vitest';
import { straightPath } from '../../../../test/support/tiny-batch.ts';
import type { Branch, Guider } from '../contracts/guider.ts';
import type { Sampler } from '../contracts/sampler.ts';
import type { StepCache } from '../contracts/step-cache.ts';
import { classifierFreeGuider } from './classifier-free.ts';
import { denoiseBlock, type DenoisingStep, type DenoisingTask } from './denoise-block.ts';
import { denoisingFromFiles, denoisingToFiles } from './denoising-state.ts';
import { createNoiseSource } from './noise-source.ts';
import type { BlockDenoiser, BranchOutputs } from './sequence-reader.ts';

/** Euler's method on a straight path, written for this test: the next latent is mixed from the estimate anew. */
const straightSampler: Sampler = {
  name: 'straight',
  config: {},
  begin: (_, { steps }) => {
    const times = Array.from({ length: steps }, (_, index) => 1 - index / steps);
    return {
      evaluations: times.map((time) => ({ time, level: straightPath.at(time) })),
      steps: times.map((_, index) => index),
      start: (noise, { clean, step = 0 } = {}) => {
        const time = times[step]!;
        const latent = clean === undefined ? noise : clean.map((x, i) => (1 - time) * x + time * noise[i]!);
        return { index: step, latent, memory: [] };
      },
      step: ({ index }, { clean, noise }, draw) => {
        const time = times[index + 1] ?? 0;
        const jitter = time > 0 ? draw() : noise.map(() => 0);
        return {
          index: index + 1,
          latent: clean.map((x, i) => (1 - time) * x + time * noise[i]! + 1e-3 * jitter[i]!),
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
    guiders: [] as readonly Guider[],
  };

  async function run(
    changes: Partial<typeof settings>,
    outputs: (latent: Float32Array, time: number) => BranchOutputs,
    { seed = 1, task = {} }: { readonly seed?: number; readonly task?: Partial<DenoisingTask> } = {},
  ) {
    const asked: number[] = [];
    const wanted: (readonly Branch[])[] = [];
    const denoiser: BlockDenoiser = {
      async predict(latent, time, branches) {
        asked.push(time);
        wanted.push(branches);
        return outputs(latent, time);
      },
    };
    const steps: DenoisingStep[] = [];
    const whole: DenoisingTask = { latentShape: [3], tokens: 1, ...task };
    const noise = createNoiseSource('transfuse', seed, 0);
    for await (const step of denoiseBlock(denoiser, { ...settings, ...changes }, whole, noise)) steps.push(step);
    return { steps, asked, wanted };
  }

  it('asks the network at the sampler’s times, from unit noise, and ends at what it says', async () => {
    const latents: Float32Array[] = [];
    const { steps, asked } = await run({}, (latent) => {
      latents.push(latent.slice());
      return { conditional: target };
    });
    expect(asked).toEqual([1, 0.75, 0.5, 0.25]);
    expect(latents[0]).toEqual(createNoiseSource('transfuse', 1, 0).draw([3]));
    expect(steps.map(({ step, of }) => [step, of])).toEqual([1, 2, 3, 4].map((step) => [step, 4]));
    expect(steps.at(-1)!.latent).toEqual(target);
    for (const { estimate } of steps) expect(estimate).toEqual(target);
  });

  it('guides in the space of the network’s output', async () => {
    const { steps } = await run({ guiders: [classifierFreeGuider(3)] }, () => ({
      conditional: target,
      'without-text': Float32Array.of(0, 0, 0.1),
    }));
    expect([...steps.at(-1)!.latent].map((x) => Math.round(x * 1e5) / 1e5)).toEqual([0.9, -2.1, 0.1]);
  });

  it('turns a velocity into the clean sample it points to', async () => {
    const { steps } = await run(
      { prediction: 'velocity' as never },
      (latent, time) => ({ conditional: latent.map((x, index) => (x - target[index]!) / time) }), // noisy = clean + time * velocity
    );
    steps.at(-1)!.latent.forEach((x, index) => expect(x).toBeCloseTo(target[index]!, 5));
  });

  it('is decided by its random source', async () => {
    const latents = async (seed: number) =>
      (await run({}, (latent) => ({ conditional: latent.map(Math.tanh) }), { seed })).steps.map(({ latent }) => [
        ...latent,
      ]);
    expect(await latents(1)).toEqual(await latents(1));
    expect(await latents(2)).not.toEqual(await latents(1));
  });

  const curved = (latent: Float32Array, time: number): BranchOutputs => ({
    conditional: latent.map((x, i) => Math.tanh(x + time * (i + 1))),
    'without-text': latent.map((x) => Math.tanh(x) / 2),
  });
  const everyOther: StepCache = {
    name: 'every-other',
    config: {},
    history: 2,
    evaluates: (index) => index % 2 === 0,
    forecast: (evaluated) => evaluated[0]!.output,
  };
  const drifting: Guider = {
    name: 'drifting',
    config: {},
    branches: [],
    guide: ({ guided, memory }) => ({
      guided: guided.map((x, i) => x + (memory[0]?.[i] ?? 0)),
      memory: [guided.map((x) => x / 10)],
    }),
  };

  it.each([0, 1, 2, 3])('goes on after evaluation %i from stored files to the very same result', async (stop) => {
    const changes = { guiders: [classifierFreeGuider(2), drifting], stepCache: everyOther } as Partial<typeof settings>;
    const whole = await run(changes, curved);
    const { json, tensors } = denoisingToFiles(whole.steps[stop]!.state);
    const rest = await run(changes, curved, { seed: 99, task: { resume: denoisingFromFiles({ json, tensors }) } });
    expect(rest.steps).toHaveLength(3 - stop);
    if (stop < 3) expect(rest.steps.at(-1)).toEqual(whole.steps.at(-1));
  });

  it('refuses a state of another run', async () => {
    const whole = await run({}, curved);
    const resume = whole.steps[1]!.state;
    for (const changes of [
      { steps: 5 },
      { guiders: [classifierFreeGuider(2)] },
      { sampler: { ...straightSampler, name: 'other' } },
      { stepCache: everyOther },
    ] as Partial<typeof settings>[]) {
      await expect(run(changes, curved, { task: { resume } })).rejects.toMatchObject({
        code: 'generation.invalid-state',
      });
    }
  });

  it('asks for the branches of its guiders, and only where all of them apply', async () => {
    const late: Guider = {
      name: 'late',
      config: {},
      branches: [],
      appliesAt: ({ time }) => time < 0.6,
      guide: ({ guided }) => ({ guided }),
    };
    const { wanted } = await run({ guiders: [classifierFreeGuider(2), late] }, curved);
    expect(wanted).toEqual([[], [], ['without-text'], ['without-text']]);
  });

  it('does not ask the network where a cache forecasts', async () => {
    const { asked, steps } = await run({ stepCache: everyOther } as Partial<typeof settings>, curved);
    expect(asked).toEqual([1, 0.5]);
    expect(steps.map(({ source }) => source)).toEqual(['network', 'forecast', 'network', 'forecast']);
  });

  it('counts a cache’s evaluations from where the run begins', async () => {
    const counted: number[] = [];
    const counting: StepCache = { ...everyOther, evaluates: (index, of) => counted.push(index, of) > 0 };
    const task = { from: { clean: target, strength: 0.75 } };
    await run({ stepCache: counting } as Partial<typeof settings>, curved, { task });
    expect(counted).toEqual([1, 3, 2, 3]);
  });

  it('begins with a clean latent at the strength’s share of the steps', async () => {
    const clean = Float32Array.of(1, 2, 3);
    const { asked, steps } = await run({}, curved, { task: { from: { clean, strength: 0.5 } } });
    expect(asked).toEqual([0.5, 0.25]);
    expect(steps[0]!.of).toBe(4);
  });

  it('leaves alone what the mask leaves alone, and mixes between', async () => {
    const clean = Float32Array.of(5, 5, 5);
    const mask = Float32Array.of(0, 1, 0.5);
    const { steps } = await run({}, () => ({ conditional: target }), {
      task: { from: { clean, strength: 1 }, mask },
    });
    const { latent } = steps.at(-1)!;
    expect(latent[0]).toBe(5);
    expect(latent[1]).toBeCloseTo(target[1]!, 6);
    expect(latent[2]).toBeCloseTo((5 + target[2]!) / 2, 6);
  });

  it('turns the first noise towards another along the circle', async () => {
    const other = Float32Array.of(1, 1, 1);
    const first = async (amount: number) => {
      const seen: Float32Array[] = [];
      await run(
        {},
        (latent) => {
          seen.push(latent);
          return { conditional: target };
        },
        { task: { variation: { noise: other, amount } } },
      );
      return seen[0]!;
    };
    const own = createNoiseSource('transfuse', 1, 0).draw([3]);
    expect(await first(0)).toEqual(own);
    (await first(1)).forEach((x) => expect(x).toBeCloseTo(1, 6));
    (await first(0.5)).forEach((x, i) => expect(x).toBeCloseTo((own[i]! + 1) * Math.SQRT1_2, 6));
  });
});
