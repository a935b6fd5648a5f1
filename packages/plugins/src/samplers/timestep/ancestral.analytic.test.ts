import { describe, expect, it } from 'vitest';
import type { DenoisingEstimate, NoiseLevel, NoiseSchedule, Sampler, SamplingRun } from '@transfuse/core/contracts';
import { createCosineSchedule } from '../../schedules/cosine.ts';
import { createFlowMatchingSchedule } from '../../schedules/flow-matching.ts';
import { createDdimSampler } from './ddim.ts';
import { createDdpmSampler } from './ddpm.ts';
import { createLcmSampler } from './lcm.ts';
import { createPndmSampler } from './pndm.ts';
import { createTcdSampler } from './tcd.ts';

// Data whose best denoiser is known in closed form: numbers from N(mean, deviation²). Noisy data at a level are
// N(alpha * mean, v) with v = alpha² deviation² + sigma², and the best clean estimate of x is
// mean + alpha * deviation² / v * (x - alpha * mean). The probability-flow ODE carries x to
// mean + deviation * (x - alpha * mean) / sqrt(v), which is what a perfect consistency model answers.

interface Gaussian {
  readonly mean: number;
  readonly deviation: number;
}

type Denoiser = (data: Gaussian, level: NoiseLevel, latent: number) => number;

const varianceAt = (data: Gaussian, { alpha, sigma }: NoiseLevel) => (alpha * data.deviation) ** 2 + sigma ** 2;
const best: Denoiser = (data, level, x) =>
  data.mean + ((level.alpha * data.deviation ** 2) / varianceAt(data, level)) * (x - level.alpha * data.mean);
const consistent: Denoiser = (data, level, x) =>
  data.mean + (data.deviation * (x - level.alpha * data.mean)) / Math.sqrt(varianceAt(data, level));

function estimate(denoiser: Denoiser, data: Gaussian, level: NoiseLevel, latent: Float32Array): DenoisingEstimate {
  const clean = Array.from(latent, (x) => denoiser(data, level, x));
  const noise = clean.map((c, i) => (latent[i]! - level.alpha * c) / level.sigma);
  return { clean: Float32Array.from(clean), noise: Float32Array.from(noise) };
}

const noNoise = (): Float32Array => {
  throw new Error('a deterministic sampler asked for noise');
};

function follow(sampler: Sampler, schedule: NoiseSchedule, data: Gaussian, steps: number, start: readonly number[]) {
  const run = sampler.begin(schedule, { steps });
  let state = run.start(Float32Array.from(start));
  for (const { level } of run.evaluations) {
    state = run.step(state, estimate(best, data, level, state.latent), noNoise);
  }
  return Array.from(state.latent);
}

/** One step on a linear denoiser is affine: next = weight * latent + offset + deviation * fresh noise. */
function affineStep(run: SamplingRun, data: Gaussian, index: number, denoiser: Denoiser = best) {
  const { level } = run.evaluations[index]!;
  const next = (latent: number, fresh: number) => {
    const state = { index, latent: Float32Array.of(latent), memory: [] };
    const opinion = estimate(denoiser, data, level, state.latent);
    return run.step(state, opinion, () => Float32Array.of(fresh)).latent[0]!;
  };
  const offset = next(0, 0);
  return { weight: next(1, 0) - offset, offset, deviation: next(0, 1) - offset };
}

const angle: NoiseSchedule = {
  name: 'angle',
  config: {},
  sampleTime: (uniform) => uniform(),
  at(time) {
    const [alpha, sigma] = [Math.cos(1.4 * time), Math.sin(1.4 * time)];
    return { alpha, sigma, velocity: { clean: -sigma, noise: alpha } };
  },
};
const cosine = createCosineSchedule();
const flow = createFlowMatchingSchedule();
const point: Gaussian = { mean: 0.6, deviation: 0 };
const spread: Gaussian = { mean: 0.6, deviation: 0.5 };
const noise = [-1.5, -0.2, 0, 0.7, 2];

/** By how much the error's logarithm falls per doubling of the steps. */
function measuredOrder(sampler: Sampler, schedule: NoiseSchedule, data: Gaussian, steps: number): number {
  const exact = consistent(data, schedule.at(1), 2);
  const error = (n: number) => Math.abs(follow(sampler, schedule, data, n, [2])[0]! - exact);
  return Math.log2(error(steps) / error(2 * steps));
}

const wide: Gaussian = { mean: 0.6, deviation: 2 };
const rungeKutta = createPndmSampler({ warmUp: 'runge-kutta' });

describe('the order of convergence on the ODE of Gaussian data', () => {
  // Over variance-preserving paths pseudo numerical methods have order 2 (Liu et al. 2022). Over straight ones
  // DDIM's move is Euler's, so they are the classic methods: Adams and Bashforth's of order 4 after Runge-Kutta steps, of
  // order 3 where the first steps, of order 2, leave an error of h³ each.
  it.each([
    ['ddim over an angle', 1, createDdimSampler(), angle, spread, 40],
    ['ddim over flow matching', 1, createDdimSampler(), flow, spread, 40],
    ['tcd without noise over an angle', 1, createTcdSampler({ eta: 0, originalSteps: 1000 }), angle, spread, 40],
    ['pndm over an angle', 2, createPndmSampler(), angle, spread, 48],
    ['pndm with Runge-Kutta steps over an angle', 2, rungeKutta, angle, spread, 48],
    ['pndm over flow matching', 3, createPndmSampler(), flow, wide, 32],
    ['pndm with Runge-Kutta steps over flow matching', 4, rungeKutta, flow, wide, 32],
  ] as const)('%s is %i', (_, order, sampler, schedule, data, steps) => {
    expect(Math.abs(measuredOrder(sampler, schedule, data, steps) - order)).toBeLessThan(0.25);
  });
});

describe('with the exact denoiser of Gaussian data', () => {
  it.each([
    ['ddim over the cosine schedule', createDdimSampler({ spacing: 'trailing' }), cosine],
    ['pndm over the cosine schedule', createPndmSampler(), cosine],
    ['pndm over flow matching', rungeKutta, flow],
  ] as const)('%s lands on the analytic map', (_, sampler, schedule) => {
    const landed = follow(sampler, schedule, spread, 1000, noise);
    landed.forEach((x, i) => expect(Math.abs(x - (0.6 + 0.5 * noise[i]!))).toBeLessThan(0.01));
  });

  it.each([
    ['ddim, cosine', createDdimSampler({ spacing: 'trailing' }), cosine],
    ['ddim, flow matching', createDdimSampler(), flow],
    ['pndm, flow matching', createPndmSampler(), flow],
    ['tcd, cosine', createTcdSampler({ eta: 0 }), cosine],
  ] as const)('%s is exact at once where all data are one point', (_, sampler, schedule) => {
    for (const steps of [1, 3, 20]) {
      follow(sampler, schedule, point, steps, noise).forEach((x) => expect(x).toBeCloseTo(0.6, 5));
    }
  });

  it('ddim turns each latent by the angle between two levels: a product of cosines for unit variance', () => {
    // For N(0, 1) the estimate is clean = alpha x, noise = sigma x, so x' = (alpha' alpha + sigma' sigma) x.
    const { evaluations } = createDdimSampler().begin(cosine, { steps: 10 });
    const levels = [...evaluations.map(({ level }) => level), { alpha: 1, sigma: 0 }];
    const product = levels
      .slice(1)
      .reduce((x, to, i) => x * (to.alpha * levels[i]!.alpha + to.sigma * levels[i]!.sigma), 1);
    const [landed] = follow(createDdimSampler(), cosine, { mean: 0, deviation: 1 }, 10, [1]);
    expect(landed).toBeCloseTo(product, 6);
  });
});

describe('the distribution of the latents', () => {
  it.each([5, 50, 250])('keeps the variance of unit data by ddpm with the large variance, over %i steps', (steps) => {
    const run = createDdpmSampler({ variance: 'fixed_large', spacing: 'trailing' }).begin(cosine, { steps });
    for (let index = 0; index < steps - 1; index += 1) {
      const { weight, deviation } = affineStep(run, { mean: 0, deviation: 1 }, index);
      expect(Math.abs(weight ** 2 + deviation ** 2 - 1)).toBeLessThan(1e-4); // float32 weights, little noise
    }
  });

  it.each([
    ['ddpm, cosine', createDdpmSampler({ spacing: 'trailing' }), cosine],
    ['ddpm, flow matching', createDdpmSampler(), flow],
    ['ddim with eta 0.5, cosine', createDdimSampler({ eta: 0.5, spacing: 'linspace' }), cosine],
    ['ddim with eta 1, flow matching', createDdimSampler({ eta: 1 }), flow],
    ['tcd with eta 0.3, cosine', createTcdSampler(), cosine],
    ['tcd with eta 0.3, flow matching', createTcdSampler(), flow],
    ['tcd with eta 1, cosine', createTcdSampler({ eta: 1 }), cosine],
    ['lcm, cosine', createLcmSampler({ timestepScaling: 1e6 }), cosine],
    ['lcm, flow matching', createLcmSampler({ timestepScaling: 1e6 }), flow],
  ] as const)('is that of noisy data at every level where all data are one point: %s', (_, sampler, schedule) => {
    const run = sampler.begin(schedule, { steps: 20 });
    for (let index = 0; index < 19; index += 1) {
      const [from, to] = [run.evaluations[index]!.level, run.evaluations[index + 1]!.level];
      const { weight, offset, deviation } = affineStep(run, point, index);
      expect(weight * from.alpha * 0.6 + offset).toBeCloseTo(to.alpha * 0.6, 5);
      expect((weight * from.sigma) ** 2 + deviation ** 2).toBeCloseTo(to.sigma ** 2, 5);
    }
  });

  it('is that of noisy data at every level for lcm with a perfect consistency model of spread data', () => {
    const run = createLcmSampler({ timestepScaling: 1e6 }).begin(cosine, { steps: 8 });
    for (let index = 0; index < 8; index += 1) {
      const from = run.evaluations[index]!.level;
      const to = run.evaluations[index + 1]?.level ?? { ...from, alpha: 1, sigma: 0 };
      const { weight, offset, deviation } = affineStep(run, spread, index, consistent);
      expect(weight * from.alpha * 0.6 + offset).toBeCloseTo(to.alpha * 0.6, 5);
      expect(weight ** 2 * varianceAt(spread, from) + deviation ** 2).toBeCloseTo(varianceAt(spread, to), 5);
    }
  });

  it.each([
    ['ddpm, cosine', createDdpmSampler({ spacing: 'trailing' }), cosine],
    ['ddpm, flow matching', createDdpmSampler(), flow],
    ['ddim with eta 1, cosine', createDdimSampler({ eta: 1, spacing: 'trailing' }), cosine],
    ['ddim with eta 0.5, flow matching', createDdimSampler({ eta: 0.5 }), flow],
  ] as const)('ends as that of the data after many steps of %s', (_, sampler, schedule) => {
    // Follows mean and variance through all the affine steps instead of drawing samples.
    const run = sampler.begin(schedule, { steps: 1000 });
    let mean = 0;
    let variance = 1;
    for (let index = 0; index < 1000; index += 1) {
      const { weight, offset, deviation } = affineStep(run, spread, index);
      mean = weight * mean + offset;
      variance = weight ** 2 * variance + deviation ** 2;
    }
    expect(Math.abs(mean - 0.6)).toBeLessThan(0.005);
    expect(Math.abs(Math.sqrt(variance) - 0.5)).toBeLessThan(0.01);
  });
});
