import { describe, expect, it } from 'vitest';
import type { DenoisingEstimate, NoiseSchedule, Sampler, SamplerState, SamplingRun } from '@transfuse/core/contracts';
import { createCosineSchedule } from '../schedules/cosine.ts';
import { createFlowMatchingSchedule } from '../schedules/flow-matching.ts';
import { createDdimSampler } from './ddim.ts';
import { createDdpmSampler } from './ddpm.ts';
import { createEulerSampler } from './euler.ts';

// Data whose best denoiser is known in closed form: numbers from N(mean, deviation²). Noisy data at a level are
// N(alpha * mean, v) with v = alpha² deviation² + sigma², and the best clean estimate of x is
// mean + alpha * deviation² / v * (x - alpha * mean). The probability-flow ODE carries x to
// mean + deviation * (x - alpha * mean) / sqrt(v), at time 1 of flow matching: mean + deviation * x.

interface Gaussian {
  readonly mean: number;
  readonly deviation: number;
}

function bestEstimate(schedule: NoiseSchedule, data: Gaussian, latent: Float32Array, time: number): DenoisingEstimate {
  const { alpha, sigma } = schedule.at(time);
  const variance = (alpha * data.deviation) ** 2 + sigma ** 2;
  const centred = Array.from(latent, (x) => x - alpha * data.mean);
  return {
    clean: Float32Array.from(centred, (x) => data.mean + ((alpha * data.deviation ** 2) / variance) * x),
    noise: Float32Array.from(centred, (x) => (sigma / variance) * x),
  };
}

function sample(
  sampler: Sampler,
  schedule: NoiseSchedule,
  data: Gaussian,
  options: { readonly steps: number; readonly noise: readonly number[]; readonly normal?: () => number },
): number[] {
  const run = sampler.begin(schedule, options);
  const normal = options.normal ?? (() => Number.NaN); // a deterministic sampler must not ask for it
  let state = run.start(Float32Array.from(options.noise));
  for (const time of run.times) state = run.step(state, bestEstimate(schedule, data, state.latent, time), normal);
  return Array.from(state.latent);
}

/** One step on a linear denoiser is affine: next = weight * latent + offset + deviation * fresh noise. */
function affineStep(run: SamplingRun, schedule: NoiseSchedule, data: Gaussian, index: number) {
  const next = (latent: number, fresh: number) => {
    const state: SamplerState = { index, latent: Float32Array.of(latent), memory: [] };
    const estimate = bestEstimate(schedule, data, state.latent, run.times[index]!);
    return run.step(state, estimate, () => fresh).latent[0]!;
  };
  const offset = next(0, 0);
  return { weight: next(1, 0) - offset, offset, deviation: next(0, 1) - offset };
}

const cosine = createCosineSchedule();
const flow = createFlowMatchingSchedule();
const noise = [-1.5, -0.2, 0, 0.7, 2];
const point: Gaussian = { mean: 0.6, deviation: 0 };
const spread: Gaussian = { mean: 0.6, deviation: 0.5 };

const deterministic = [
  ['ddim, cosine', createDdimSampler({ spacing: 'trailing' }), cosine],
  ['ddim, flow matching', createDdimSampler(), flow],
  ['euler, cosine', createEulerSampler({ spacing: 'trailing' }), cosine],
  ['euler, flow matching', createEulerSampler(), flow],
] as const;

describe('with the exact denoiser of Gaussian data', () => {
  it.each(deterministic)('%s lands on the analytic map as steps grow', (_, sampler, schedule) => {
    const landed = sample(sampler, schedule, spread, { steps: 1000, noise });
    landed.forEach((x, i) => expect(Math.abs(x - (0.6 + 0.5 * noise[i]!))).toBeLessThan(0.01));
  });

  it.each(deterministic)('%s is of order 1: half the step, half the error', (_, sampler, schedule) => {
    const error = (steps: number) => sample(sampler, schedule, spread, { steps, noise: [2] })[0]! - (0.6 + 0.5 * 2);
    for (const steps of [25, 50, 100]) {
      const ratio = error(steps) / error(2 * steps);
      expect(ratio).toBeGreaterThan(1.8);
      expect(ratio).toBeLessThan(2.2);
    }
  });

  it.each(deterministic)('%s is exact at once where all data are one point', (_, sampler, schedule) => {
    for (const steps of [1, 3, 20]) {
      sample(sampler, schedule, point, { steps, noise }).forEach((x) => expect(x).toBeCloseTo(0.6, 6));
    }
  });

  it('ddim turns each latent by the angle between two levels: a product of cosines for unit variance', () => {
    // For N(0, 1) the estimate is clean = alpha x, noise = sigma x, so x' = (alpha' alpha + sigma' sigma) x.
    const run = createDdimSampler().begin(cosine, { steps: 10 });
    const levels = [...run.times.map((time) => cosine.at(time)), { alpha: 1, sigma: 0 }];
    const product = levels
      .slice(1)
      .reduce((x, to, i) => x * (to.alpha * levels[i]!.alpha + to.sigma * levels[i]!.sigma), 1);
    const [landed] = sample(createDdimSampler(), cosine, { mean: 0, deviation: 1 }, { steps: 10, noise: [1] });
    expect(landed).toBeCloseTo(product, 6);
  });

  it('euler over flow matching takes the steps of Euler’s method, worked by hand', () => {
    // Velocity noise - clean of N(0, 1 / 4) at t = 1: x; x becomes x / 2 at t = 1/2, where v = 1/16 + 1/4 = 5/16 and
    // noise - clean = (1/2 - 1/8) / (5/16) x = 6/5 x; half a step of it leaves 2/5 of x.
    const landed = sample(createEulerSampler(), flow, { mean: 0, deviation: 0.5 }, { steps: 2, noise: [1] });
    expect(landed[0]).toBeCloseTo(0.5 * (1 - 0.5 * 1.2), 6);
  });
});

describe('ddpm with the exact denoiser of Gaussian data', () => {
  it.each([5, 50, 250])('keeps the variance of unit normal data with the large variance, over %i steps', (steps) => {
    const run = createDdpmSampler({ variance: 'fixed_large', spacing: 'trailing' }).begin(cosine, { steps });
    for (let index = 0; index < steps - 1; index += 1) {
      const { weight, deviation } = affineStep(run, cosine, { mean: 0, deviation: 1 }, index);
      expect(weight ** 2 + deviation ** 2).toBeCloseTo(1, 6);
    }
  });

  it.each([
    ['cosine', cosine],
    ['flow matching', flow],
  ] as const)('keeps the distribution of a single point with the small variance, over %s', (_, schedule) => {
    const run = createDdpmSampler({ spacing: 'trailing' }).begin(schedule, { steps: 20 });
    for (let index = 0; index < 19; index += 1) {
      const from = schedule.at(run.times[index]!);
      const to = schedule.at(run.times[index + 1]!);
      const { weight, offset, deviation } = affineStep(run, schedule, point, index);
      expect(weight * from.alpha * 0.6 + offset).toBeCloseTo(to.alpha * 0.6, 6);
      expect((weight * from.sigma) ** 2 + deviation ** 2).toBeCloseTo(to.sigma ** 2, 6);
    }
  });

  it.each([
    ['ddpm, cosine', createDdpmSampler({ spacing: 'trailing' }), cosine],
    ['ddpm, flow matching', createDdpmSampler(), flow],
    ['ddim with eta 1, cosine', createDdimSampler({ eta: 1, spacing: 'trailing' }), cosine],
    ['ddim with eta 0.5, flow matching', createDdimSampler({ eta: 0.5 }), flow],
  ] as const)('%s ends with the mean and variance of the data after many steps', (_, sampler, schedule) => {
    // Follows mean and variance through all the affine steps instead of drawing samples.
    const run = sampler.begin(schedule, { steps: 1000 });
    let mean = 0;
    let variance = 1;
    for (let index = 0; index < 1000; index += 1) {
      const { weight, offset, deviation } = affineStep(run, schedule, spread, index);
      mean = weight * mean + offset;
      variance = weight ** 2 * variance + deviation ** 2;
    }
    expect(Math.abs(mean - 0.6)).toBeLessThan(0.005);
    expect(Math.abs(Math.sqrt(variance) - 0.5)).toBeLessThan(0.01);
  });

  it('lands on the clean estimate itself, without noise, in its last step', () => {
    for (const variance of ['fixed_small', 'fixed_large'] as const) {
      const run = createDdpmSampler({ variance, spacing: 'trailing' }).begin(cosine, { steps: 4 });
      const { deviation, offset } = affineStep(run, cosine, point, 3);
      expect(deviation).toBe(0);
      expect(offset).toBe(Math.fround(0.6));
    }
  });

  it('clamps the clean estimate only where it is told to', () => {
    const far: Gaussian = { mean: 3, deviation: 0 };
    const land = (sampler: Sampler) => sample(sampler, cosine, far, { steps: 4, noise: [0], normal: () => 0 })[0];
    expect(land(createDdpmSampler())).toBe(3);
    expect(land(createDdpmSampler({ clipSample: true }))).toBe(1);
    expect(land(createDdpmSampler({ clipSample: true, clipSampleRange: 2 }))).toBe(2);
  });
});
