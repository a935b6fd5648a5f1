import { describe, expect, it } from 'vitest';
import type {
  NoiseLevel,
  NoiseSchedule,
  Sampler,
  SamplerState,
  SamplingRequest,
  SamplingRun,
} from '@transfuse/core/contracts';
import { createCosineSchedule } from '../../schedules/cosine.ts';
import { createEdmSchedule } from '../../schedules/edm.ts';
import { createFlowMatchingSchedule } from '../../schedules/flow-matching.ts';
import { createEdmDpmSolverSampler, type EdmDpmSolverOptions } from '../edm/edm-dpm-solver.ts';
import { createEdmEulerSampler } from '../edm/edm-euler.ts';
import { createFlowEulerSampler } from './flow-euler.ts';
import { createFlowHeunSampler } from './flow-heun.ts';
import { createFlowLcmSampler } from './flow-lcm.ts';
import { createMidpointSampler } from './midpoint.ts';

// Data whose best denoiser is known: numbers from N(mean, deviation²). Noisy data at a level are N(alpha * mean, v) with
// v = alpha² deviation² + sigma²; the best clean estimate of x is mean + alpha * deviation² / v * (x - alpha * mean), and
// the probability-flow ODE carries x to mean + deviation * (x - alpha * mean) / sqrt(v).

interface Gaussian {
  readonly mean: number;
  readonly deviation: number;
}

type Denoiser = (data: Gaussian, level: NoiseLevel, latent: number) => number;

const variance = (data: Gaussian, { alpha, sigma }: NoiseLevel) => (alpha * data.deviation) ** 2 + sigma ** 2;
const best: Denoiser = (data, level, x) =>
  data.mean + ((level.alpha * data.deviation ** 2) / variance(data, level)) * (x - level.alpha * data.mean);
/** What a perfect consistency model answers. */
const consistent: Denoiser = (data, level, x) =>
  data.mean + (data.deviation * (x - level.alpha * data.mean)) / Math.sqrt(variance(data, level));

function estimate(denoiser: Denoiser, data: Gaussian, level: NoiseLevel, latent: Float32Array) {
  const clean = Array.from(latent, (x) => denoiser(data, level, x));
  const noise = clean.map((c, i) => (latent[i]! - level.alpha * c) / level.sigma);
  return { clean: Float32Array.from(clean), noise: Float32Array.from(noise) };
}

const noNoise = (): Float32Array => {
  throw new Error('a deterministic sampler asked for noise');
};

function finish(run: SamplingRun, data: Gaussian, from: SamplerState, denoiser: Denoiser = best): number {
  let state = from;
  for (const { level } of run.evaluations.slice(from.index)) {
    state = run.step(state, estimate(denoiser, data, level, state.latent), noNoise);
  }
  return state.latent[0]!;
}

/** Where the ODE carries the first latent of a run, at clean data. */
function exactEnd(run: SamplingRun, data: Gaussian, latent: number): number {
  return consistent(data, run.evaluations[0]!.level, latent);
}

function errorOf(sampler: Sampler, schedule: NoiseSchedule, data: Gaussian, request: SamplingRequest): number {
  const run = sampler.begin(schedule, request);
  const state = run.start(Float32Array.of(1.3));
  return Math.abs(finish(run, data, state) - exactEnd(run, data, state.latent[0]!));
}

/** The exponent p of an error that falls as steps^-p. */
const slope = (error: (steps: number) => number, steps: number) => Math.log2(error(steps) / error(2 * steps));

const cosine = createCosineSchedule();
const flow = createFlowMatchingSchedule();
const edm = createEdmSchedule();
const point: Gaussian = { mean: 0.6, deviation: 0 };
const spread: Gaussian = { mean: 0.6, deviation: 0.5 };

const deterministic = [
  ['flow-euler', createFlowEulerSampler()],
  ['flow-euler with shift 3', createFlowEulerSampler({ shift: 3 })],
  ['flow-heun', createFlowHeunSampler()],
  ['midpoint', createMidpointSampler({ counts: 'steps' })],
  ['edm-euler', createEdmEulerSampler()],
  ['edm-dpm-solver', createEdmDpmSolverSampler()],
  ['edm-dpm-solver of order 3', createEdmDpmSolverSampler({ order: 3 })],
] as const;

describe.each(deterministic)('%s, deterministic', (_, sampler) => {
  it.each([cosine, flow, edm])('lands on the analytic map over the schedule $name', (schedule) => {
    expect(errorOf(sampler, schedule, spread, { steps: 200 })).toBeLessThan(0.02);
  });

  it.each([cosine, flow, edm])('is exact at once where all data are one point, over $name', (schedule) => {
    for (const steps of [1, 3, 20]) expect(errorOf(sampler, schedule, point, { steps })).toBeLessThan(2e-5);
  });
});

// From sigma 10 to 0.1, evenly in lambda, with exact estimates in memory as the multistep formulas assume.
const range = { sigmaMin: 0.1, sigmaMax: 10 };
const narrow = createEdmSchedule({ ...range, sigmaData: 0.5 });
const dpmError = (options: EdmDpmSolverOptions, steps: number) => {
  const sampler = createEdmDpmSolverSampler({
    ...range,
    spacing: 'exponential',
    end: 'smallest',
    lowerOrderFinal: false,
    ...options,
  });
  const run = sampler.begin(narrow, { steps });
  const x = (sigma: number) => 0.6 + 1.3 * Math.sqrt((0.25 + sigma ** 2) / (0.25 + 100));
  const at = (index: number) => {
    const { level } = run.evaluations[index]!;
    return Float32Array.of(level.alpha * x(level.sigma / level.alpha));
  };
  const known = [1, 0].map((index) => estimate(best, spread, run.evaluations[index]!.level, at(index)).clean);
  const memory = known.slice(0, (options.order ?? 2) - 1);
  return Math.abs(finish(run, spread, { index: 2, latent: at(2), memory }) - x(0.1));
};

describe('the order of convergence', () => {
  it.each([
    ['flow-euler', createFlowEulerSampler(), flow, 1, 40],
    ['edm-euler', createEdmEulerSampler(), edm, 1, 100],
    ['flow-heun', createFlowHeunSampler(), flow, 2, 10],
  ] as const)('of %s is the theory’s', (_, sampler, schedule, order, steps) => {
    const measured = slope((count) => errorOf(sampler, schedule, spread, { steps: count }), steps);
    expect(Math.abs(measured - order)).toBeLessThan(0.25);
  });

  it.each([flow, cosine])('of midpoint is the theory’s, over $name', (schedule) => {
    // On one Gaussian its terms of second order cancel, so the data are half around 1 and half around -1; exact is a
    // run of many more steps.
    const twoHumps: Denoiser = (data, level, x) => {
      const mean = Math.tanh((level.alpha * x) / variance(data, level));
      return best({ ...data, mean }, level, x);
    };
    const landed = (steps: number) => {
      const run = createMidpointSampler({ counts: 'steps' }).begin(schedule, { steps });
      return finish(run, spread, run.start(Float32Array.of(1)), twoHumps);
    };
    const exact = landed(500);
    expect(Math.abs(slope((steps) => Math.abs(landed(steps) - exact), 16) - 2)).toBeLessThan(0.25);
  });

  it.each([
    ['edm-dpm-solver of order 1', { order: 1 }, 1, 20],
    ['edm-dpm-solver of order 2, midpoint', { order: 2 }, 2, 20],
    ['edm-dpm-solver of order 2, heun', { order: 2, correction: 'heun' }, 2, 20],
    // The third order weighs the curvature by half of Taylor's weight, as the method's code does: a better second order.
    ['edm-dpm-solver of order 3', { order: 3 }, 2, 40],
  ] as const)('of %s is the theory’s', (_, options, order, steps) => {
    expect(Math.abs(slope((count) => dpmError(options, count), steps) - order)).toBeLessThan(0.25);
  });
});

/** One step on a linear denoiser is affine: next = weight * latent + offset + deviation * fresh noise. */
function affineStep(run: SamplingRun, data: Gaussian, index: number, denoiser: Denoiser) {
  const { level } = run.evaluations[index]!;
  const next = (latent: number, fresh: number) => {
    const state = { index, latent: Float32Array.of(latent), memory: [] };
    return run.step(state, estimate(denoiser, data, level, state.latent), () => Float32Array.of(fresh)).latent[0]!;
  };
  const offset = next(0, 0);
  return { weight: next(1, 0) - offset, offset, deviation: next(0, 1) - offset };
}

/** Mean and variance after each step, from those of noisy data at the first level. */
function moments(run: SamplingRun, data: Gaussian, denoiser: Denoiser) {
  const [{ level }] = run.evaluations as [SamplingRun['evaluations'][number]];
  let [mean, spreadOut] = [level.alpha * data.mean, variance(data, level)];
  return run.evaluations.map((_, index) => {
    const { weight, offset, deviation } = affineStep(run, data, index, denoiser);
    mean = weight * mean + offset;
    spreadOut = weight ** 2 * spreadOut + deviation ** 2;
    return { mean, variance: spreadOut, level: run.evaluations[index + 1]?.level };
  });
}

describe('the distribution of noisy data', () => {
  it.each([
    ['flow-lcm, a consistency model', createFlowLcmSampler(), flow, spread, consistent],
    ['flow-lcm over a variance-preserving path', createFlowLcmSampler({ shift: 2 }), cosine, spread, consistent],
    ['flow-euler with fresh noise, one point', createFlowEulerSampler({ fresh: 'noise' }), flow, point, best],
    [
      'edm-dpm-solver, stochastic, one point',
      createEdmDpmSolverSampler({ algorithm: 'sde', order: 1 }),
      edm,
      point,
      best,
    ],
  ] as const)('is kept at every step by %s', (_, sampler, schedule, data, denoiser) => {
    for (const { mean, variance: found, level } of moments(sampler.begin(schedule, { steps: 9 }), data, denoiser)) {
      expect(mean).toBeCloseTo((level?.alpha ?? 1) * data.mean, 4);
      expect(found).toBeCloseTo(level === undefined ? data.deviation ** 2 : variance(data, level), 4);
    }
  });

  it.each([
    ['edm-dpm-solver, stochastic', createEdmDpmSolverSampler({ algorithm: 'sde', order: 1 }), spread],
    // For data of mean 0 and deviation sigmaData the preconditioned network is 0, so that churn is exact.
    ['edm-euler with churn', createEdmEulerSampler({ churn: 40 }), { mean: 0, deviation: 0.5 }],
  ] as const)('is that of the data after many steps of %s', (_, sampler, data) => {
    const end = moments(sampler.begin(edm, { steps: 1000 }), data, best).at(-1)!;
    expect(Math.abs(end.mean - data.mean)).toBeLessThan(0.005);
    expect(Math.abs(Math.sqrt(end.variance) - data.deviation)).toBeLessThan(0.01);
  });
});

describe('the orders of edm-dpm-solver', () => {
  it('each leave less error than the one before', () => {
    const [first, second, third] = [1, 2, 3].map((order) => dpmError({ order }, 32)) as [number, number, number];
    expect(second).toBeLessThan(first / 10);
    expect(third).toBeLessThan(second);
  });
});

describe('the shift of flow matching', () => {
  const shares = (sampler: Sampler, request: SamplingRequest) =>
    sampler.begin(flow, request).evaluations.map(({ level }) => level.sigma);

  it('grows with the block’s tokens, along a line through two of their numbers', () => {
    const sampler = createFlowEulerSampler({ dynamicShift: 'exponential' });
    expect(shares(sampler, { steps: 4, tokens: 256 })).toEqual(shares(sampler, { steps: 4, mu: 0.5 }));
    expect(shares(sampler, { steps: 4, tokens: 4096 })[1]).toBeCloseTo(shares(sampler, { steps: 4, mu: 1.15 })[1]!, 6);
    expect(() => sampler.begin(flow, { steps: 4 })).toThrow(/tokens/);
  });

  it('by 3 moves a share of a half to three quarters', () => {
    // 0.75 = 3 * 0.5 / (1 + 2 * 0.5)
    const { shares: _, ...run } = {
      shares,
      steps: shares(createFlowEulerSampler({ shift: 3 }), { steps: 1, sigmas: [1, 0.5] }),
    };
    expect(run.steps).toEqual([1, 0.75]);
  });

  it('leaves a terminal share at the last evaluation', () => {
    expect(shares(createFlowEulerSampler({ terminal: 0.1 }), { steps: 7 }).at(-1)).toBeCloseTo(0.1, 6);
  });
});
