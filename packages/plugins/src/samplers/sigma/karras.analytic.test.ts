import { describe, expect, it } from 'vitest';
import type { DenoisingEstimate, NoiseLevel, NoiseSchedule, Sampler, SamplingRun } from '@transfuse/core/contracts';
import { createCosineSchedule } from '../../schedules/cosine.ts';
import { createEdmSchedule } from '../../schedules/edm.ts';
import { createFlowMatchingSchedule } from '../../schedules/flow-matching.ts';
import { createDpmSdeSampler } from './dpm-sde.ts';
import { createEulerAncestralSampler } from './euler-ancestral.ts';
import { createEulerSampler } from './euler.ts';
import { createHeunSampler } from './heun.ts';
import { createKdpm2AncestralSampler } from './kdpm2-ancestral.ts';
import { createKdpm2Sampler } from './kdpm2.ts';
import { createLmsSampler } from './lms.ts';

// Data whose best denoiser is known in closed form: numbers from N(mean, deviation²). Noisy data at a level are
// N(alpha mean, v) with v = alpha² deviation² + sigma², the best clean estimate of x is mean + alpha deviation² / v (x -
// alpha mean), and the probability-flow ODE carries x to mean + deviation (x - alpha mean) / sqrt(v).

interface Gaussian {
  readonly mean: number;
  readonly deviation: number;
}

const spread: Gaussian = { mean: 0.6, deviation: 0.5 };
const wide: Gaussian = { mean: 0.6, deviation: 3 }; // whose error keeps its sign along straight paths
const point: Gaussian = { mean: 0.6, deviation: 0 };
const flow = createFlowMatchingSchedule();
const edm = createEdmSchedule();
const cosine = createCosineSchedule();

function bestEstimate(data: Gaussian, latent: Float32Array, { alpha, sigma }: NoiseLevel): DenoisingEstimate {
  const variance = (alpha * data.deviation) ** 2 + sigma ** 2;
  const centred = Array.from(latent, (x) => x - alpha * data.mean);
  return {
    clean: Float32Array.from(centred, (x) => data.mean + ((alpha * data.deviation ** 2) / variance) * x),
    noise: Float32Array.from(centred, (x) => (sigma / variance) * x),
  };
}

function landed(sampler: Sampler, schedule: NoiseSchedule, data: Gaussian, steps: number): number {
  const run = sampler.begin(schedule, { steps });
  let state = run.start(Float32Array.of(1.2));
  for (const { level } of run.evaluations) {
    state = run.step(state, bestEstimate(data, state.latent, level), () => Float32Array.of(Number.NaN));
  }
  return state.latent[0]!;
}

/** Where the exact solution lands from the same start. */
function exact(sampler: Sampler, schedule: NoiseSchedule, { mean, deviation }: Gaussian): number {
  const run = sampler.begin(schedule, { steps: 2 });
  const { alpha, sigma } = run.evaluations[0]!.level;
  const [x] = run.start(Float32Array.of(1.2)).latent;
  return mean + (deviation * (x! - alpha * mean)) / Math.hypot(alpha * deviation, sigma);
}

const methods = [
  ['euler', createEulerSampler(), 1],
  ['heun', createHeunSampler(), 2],
  ['kdpm2', createKdpm2Sampler(), 2],
  ['lms of order 1', createLmsSampler({ order: 1 }), 1],
  ['lms of order 2', createLmsSampler({ order: 2 }), 2],
] as const;
const paths = [
  ['straight paths', flow, wide],
  ['the levels of EDM', edm, spread],
] as const;
const cases = methods.flatMap(([name, sampler, order]) =>
  paths.map(([path, schedule, data]) => [name, order, path, sampler, schedule, data] as const),
);

describe('deterministic samplers in sigma space', () => {
  it.each(cases)('%s converges with order %i over %s', (_, order, __, sampler, schedule, data) => {
    const error = (steps: number) => Math.abs(landed(sampler, schedule, data, steps) - exact(sampler, schedule, data));
    const slope = Math.log2(error(40) / error(160)) / 2;
    expect(Math.abs(slope - order)).toBeLessThan(0.25);
  });

  it.each(cases)(
    '%s (order %i) lands at once where all data are one point, over %s',
    (_, __, ___, sampler, schedule) => {
      for (const steps of [1, 3, 20]) expect(landed(sampler, schedule, point, steps)).toBeCloseTo(0.6, 4);
    },
  );

  it('lms joins four slopes better than two once it has them', () => {
    const error = (order: number) =>
      Math.abs(landed(createLmsSampler({ order }), edm, spread, 80) - exact(createLmsSampler(), edm, spread));
    expect(error(3)).toBeLessThan(error(2) / 2);
  });

  it('euler over flow matching takes the steps of Euler’s method, worked by hand', () => {
    // Velocity noise - clean of N(0, 1 / 4) at t = 1: x; x becomes x / 2 at t = 1/2, where v = 1/16 + 1/4 = 5/16 and
    // noise - clean = (1/2 - 1/8) / (5/16) x = 6/5 x; half a step of it leaves 2/5 of x.
    expect(landed(createEulerSampler(), flow, { mean: 0, deviation: 0.5 }, 2)).toBeCloseTo(
      1.2 * 0.5 * (1 - 0.5 * 1.2),
      6,
    );
  });

  it('the two evaluations of a step stand at the levels that the methods name', () => {
    const sigmas = ({ evaluations }: SamplingRun) => evaluations.map(({ level }) => level.sigma / level.alpha);
    const heun = sigmas(createHeunSampler().begin(edm, { steps: 3 }));
    expect(heun[1]).toBe(heun[2]);
    const midpoint = sigmas(createKdpm2Sampler().begin(edm, { steps: 3 }));
    expect(midpoint[1]! / Math.sqrt(midpoint[0]! * midpoint[2]!)).toBeCloseTo(1, 9);
    // An ancestral step goes down to to² / from; the mean of that and from is to itself.
    const ancestral = sigmas(createKdpm2AncestralSampler().begin(edm, { steps: 3 }));
    expect(ancestral[1]! / ancestral[2]!).toBeCloseTo(1, 9);
  });
});

/**
 * How all random numbers of a run weigh in its latents, without drawing any: every element of one long latent sees one
 * of the numbers as 1 and the others as 0, the last element sees none. Exact for the linear denoisers here.
 */
function momentsAlong(run: SamplingRun, data: Gaussian): { mean: number; deviation: number }[] {
  const inputs = 2 + 2 * run.evaluations.length;
  const unit = (which: number) => Float32Array.from({ length: inputs + 1 }, (_, i) => (i === which ? 1 : 0));
  const clean = unit(-1).fill(data.mean);
  clean[1]! += data.deviation; // the data are random too
  let state = run.start(unit(0), { clean });
  let drawn = 1;
  const moments = [];
  for (;;) {
    const mean = state.latent[inputs]!;
    const variance = state.latent.reduce((sum, x) => sum + (x - mean) ** 2, 0);
    moments.push({ mean, deviation: Math.sqrt(variance) });
    const evaluation = run.evaluations[state.index];
    if (evaluation === undefined) return moments;
    state = run.step(state, bestEstimate(data, state.latent, evaluation.level), () => unit((drawn += 1)));
  }
}

const stochastic = [
  ['euler-ancestral', createEulerAncestralSampler()],
  ['kdpm2-ancestral', createKdpm2AncestralSampler()],
  ['dpm-sde', createDpmSdeSampler()],
] as const;
const everywhere = stochastic.flatMap(([name, sampler]) =>
  (
    [
      ['cosine', cosine],
      ['edm', edm],
      ['flow matching', flow],
    ] as const
  ).map(([path, schedule]) => [name, path, sampler, schedule] as const),
);

describe('stochastic samplers in sigma space', () => {
  it.each(everywhere)(
    '%s keeps the distribution of a single point at every step, over %s',
    (_, __, sampler, schedule) => {
      const run = sampler.begin(schedule, { steps: 12 });
      const moments = momentsAlong(run, point);
      for (const index of run.steps) {
        const { alpha, sigma } = run.evaluations[index]!.level;
        expect(moments[index]!.mean).toBeCloseTo(alpha * 0.6, 4);
        expect(moments[index]!.deviation / sigma).toBeCloseTo(1, 4);
      }
      expect(moments.at(-1)!.mean).toBeCloseTo(0.6, 5);
      expect(moments.at(-1)!.deviation).toBeLessThan(1e-5);
    },
  );

  it.each([
    ...everywhere,
    ['euler with churn', 'edm', createEulerSampler({ churn: 10, prediction: 'sample' }), edm] as const,
    ['euler with churn', 'flow matching', createEulerSampler({ churn: 10 }), flow] as const,
  ])('%s ends with the mean and deviation of the data after many steps, over %s', (_, __, sampler, schedule) => {
    const { mean, deviation } = momentsAlong(sampler.begin(schedule, { steps: 200 }), spread).at(-1)!;
    expect(Math.abs(mean - 0.6)).toBeLessThan(0.01);
    expect(Math.abs(deviation - 0.5)).toBeLessThan(0.015);
  });
});
