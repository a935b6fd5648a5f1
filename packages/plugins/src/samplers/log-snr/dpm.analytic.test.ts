import { describe, expect, it } from 'vitest';
import type { DenoisingEstimate, NoiseLevel, NoiseSchedule, Sampler, SamplingRun } from '@transfuse/core/contracts';
import { createFlowMatchingSchedule } from '../../schedules/flow-matching.ts';
import { createLinearSchedule } from '../../schedules/linear.ts';
import { deisWeights } from './deis-weights.ts';
import { createDeisSampler } from './deis.ts';
import { createDpmSolverSinglestepSampler } from './dpm-solver-singlestep.ts';
import { createDpmSolverSampler } from './dpm-solver.ts';
import type { LogSnrPoint } from './log-snr-point.ts';
import { createSaSolverSampler } from './sa-solver.ts';
import { saWeights } from './sa-weights.ts';
import { createUniPcSampler } from './unipc.ts';

// Data whose best denoiser is known: numbers from N(mean, deviation²). At a level, noisy data are N(alpha mean, v) with
// v = alpha² deviation² + sigma², the best clean estimate of x is mean + alpha deviation² / v (x - alpha mean), and the
// probability-flow ODE keeps (x - alpha mean) / sqrt(v).

const data = { mean: 0.6, deviation: 0.5 };
const linear = createLinearSchedule();
const flow = createFlowMatchingSchedule();

function denoised(latent: Float32Array, { alpha, sigma }: NoiseLevel, { mean, deviation } = data): DenoisingEstimate {
  const variance = (alpha * deviation) ** 2 + sigma ** 2;
  return {
    clean: latent.map((x) => mean + ((alpha * deviation ** 2) / variance) * (x - alpha * mean)),
    noise: latent.map((x) => (sigma / variance) * (x - alpha * mean)),
  };
}

function follow(run: SamplingRun, start: Float32Array, noise: () => Float32Array, of = data): Float32Array {
  let state = run.start(start);
  for (const { level } of run.evaluations) state = run.step(state, denoised(state.latent, level, of), noise);
  return state.latent;
}

const none = () => {
  throw new Error('a deterministic sampler asked for noise');
};

/** The range of sigma over which errors are measured: noise enough to begin with, digits enough at the end. */
const [largest, smallest] = [20, 0.1];

/** Levels evenly in log sigma, the last of them the end: `steps` intervals of one length. */
function evenRange(steps: number) {
  const end = smallest;
  return { sigmas: 'exponential', largest, smallest: end * (largest / end) ** (1 / steps), end } as const;
}

type Create = (range: ReturnType<typeof evenRange>) => Sampler;

function error(create: Create, steps: number): number {
  const run = create(evenRange(steps)).begin(linear, { steps });
  const [landed] = follow(run, Float32Array.of(1.5), () => new Float32Array(1));
  const first = run.evaluations[0]!.level;
  const alpha = 1 / Math.hypot(1, smallest);
  const spread = ({ alpha: a, sigma }: { alpha: number; sigma: number }) => Math.hypot(a * data.deviation, sigma);
  const share = (1.5 - first.alpha * data.mean) / spread(first);
  return Math.abs(landed! - (alpha * data.mean + share * spread({ alpha, sigma: smallest * alpha })));
}

const final = { lowerOrderFinal: false } as const;

const convergence: readonly (readonly [string, number, Create])[] = [
  ['dpmsolver++ of order 1', 1, (range) => createDpmSolverSampler({ ...range, ...final, order: 1 })],
  ['dpmsolver++ of order 2, midpoint', 2, (range) => createDpmSolverSampler({ ...range, ...final })],
  ['dpmsolver++ of order 2, heun', 2, (range) => createDpmSolverSampler({ ...range, ...final, solver: 'heun' })],
  // The multistep method of order 3 counts the curvature half, in its authors' code as in diffusers: in the end of order 2.
  ['dpmsolver++ of order 3', 2, (range) => createDpmSolverSampler({ ...range, ...final, order: 3 })],
  ['dpmsolver of order 2', 2, (range) => createDpmSolverSampler({ ...range, ...final, algorithm: 'dpmsolver' })],
  ['singlestep of order 2', 2, (range) => createDpmSolverSinglestepSampler({ ...range, ...final })],
  [
    'singlestep of order 3',
    3,
    (range) => createDpmSolverSinglestepSampler({ ...range, ...final, order: 3, solver: 'heun' }),
  ],
  ['deis of order 1', 1, (range) => createDeisSampler({ ...range, ...final, order: 1 })],
  ['deis of order 2', 2, (range) => createDeisSampler({ ...range, ...final })],
  ['unipc of order 1', 2, (range) => createUniPcSampler({ ...range, ...final, order: 1 })],
  ['unipc of order 2', 3, (range) => createUniPcSampler({ ...range, ...final })],
  ['unipc of order 2, bh1', 3, (range) => createUniPcSampler({ ...range, ...final, variant: 'bh1' })],
  [
    'sa-solver of orders 1 and 1, tau 0',
    1,
    (range) => createSaSolverSampler({ ...range, ...final, tau: 0, predictorOrder: 1, correctorOrder: 1 }),
  ],
  ['sa-solver of orders 2 and 2, tau 0', 2, (range) => createSaSolverSampler({ ...range, ...final, tau: 0 })],
];

describe('order of convergence', () => {
  it.each(convergence)('%s: the error falls with the power %i of the step', (_, order, create) => {
    const [few, many] = [order < 3 ? 48 : 24, order < 3 ? 96 : 48];
    const slope = Math.log(error(create, few) / error(create, many)) / Math.log(many / few);
    expect(Math.abs(slope - order)).toBeLessThan(0.25);
  });
});

const everySampler: readonly (readonly [string, Sampler])[] = [
  ['dpm-solver', createDpmSolverSampler({ order: 3 })],
  ['dpm-solver over the noise', createDpmSolverSampler({ algorithm: 'dpmsolver' })],
  ['dpm-solver over the SDE', createDpmSolverSampler({ algorithm: 'sde-dpmsolver++' })],
  ['singlestep', createDpmSolverSinglestepSampler({ order: 3 })],
  ['deis', createDeisSampler({ order: 3 })],
  ['unipc', createUniPcSampler({ order: 3 })],
  ['sa-solver', createSaSolverSampler()],
];

describe.each([
  ['the linear schedule', linear],
  ['flow matching', flow],
] as const)('over %s', (_, schedule: NoiseSchedule) => {
  it.each(everySampler)('%s lands on the point where all data are one', (_name, sampler) => {
    const point = { mean: 0.6, deviation: 0 };
    for (const steps of [1, 2, 3, 20]) {
      const landed = follow(sampler.begin(schedule, { steps }), Float32Array.of(-1.5, 0, 2), ones, point);
      landed.forEach((x) => expect(x).toBeCloseTo(0.6, 5));
    }
  });

  it.each(everySampler.filter(([name]) => name !== 'dpm-solver over the SDE' && name !== 'sa-solver'))(
    '%s lands near the analytic map with 30 steps and asks for no noise',
    (_name, sampler) => {
      const landed = follow(sampler.begin(schedule, { steps: 30 }), Float32Array.of(-1.5, -0.2, 0, 0.7, 2), none);
      [-1.5, -0.2, 0, 0.7, 2].forEach((noise, i) =>
        expect(Math.abs(landed[i]! - (0.6 + 0.5 * noise))).toBeLessThan(0.04),
      );
    },
  );
});

function ones(): Float32Array {
  return Float32Array.of(1, 1, 1);
}

/** Mean and variance after a run on a linear denoiser, from its answers to each unit of start and noise by itself. */
function moments(run: SamplingRun, of = data): { readonly mean: number; readonly variance: number } {
  const draws = run.evaluations.length;
  const size = draws + 2; // element 0: no noise at all; 1: in the start; 2 and on: in one draw each
  const unit = (at: number) => Float32Array.from({ length: size }, (_, i) => (i === at ? 1 : 0));
  let draw = 2;
  const landed = follow(run, unit(1), () => unit(draw++), of);
  const [mean, ...others] = landed as unknown as [number, ...number[]];
  return { mean, variance: others.reduce((sum, x) => sum + (x - mean) ** 2, 0) };
}

describe('stochastic samplers keep the distribution', () => {
  const stochastic: readonly (readonly [string, (end: 'clean' | 'first-timestep') => Sampler])[] = [
    ['sde-dpmsolver++', (end) => createDpmSolverSampler({ algorithm: 'sde-dpmsolver++', end })],
    ['sde-dpmsolver', (end) => createDpmSolverSampler({ algorithm: 'sde-dpmsolver', end })],
    ['singlestep', (end) => createDpmSolverSinglestepSampler({ algorithm: 'sde-dpmsolver++', end, order: 1 })],
    ['sa-solver', (end) => createSaSolverSampler({ end, spacing: 'trailing' })],
    ['sa-solver, tau 0.7 all along', (end) => createSaSolverSampler({ end, tau: 0.7, tauFrom: 0, tauTo: 1000 })],
  ];

  it.each(stochastic)('%s ends with the mean and variance of the data after many steps', (_, create) => {
    const { mean, variance } = moments(create('clean').begin(linear, { steps: 480 }));
    expect(Math.abs(mean - data.mean)).toBeLessThan(0.005);
    expect(Math.abs(Math.sqrt(variance) - data.deviation)).toBeLessThan(0.01);
  });

  it.each(stochastic.filter(([name]) => name !== 'sde-dpmsolver'))(
    '%s keeps noise around a single point exactly, in however few steps',
    (_, create) => {
      const point = { mean: 0.6, deviation: 0 };
      const run = create('first-timestep').begin(linear, { steps: 6 });
      const { alpha, sigma } = linear.at(0);
      const { mean, variance } = moments(run, point);
      expect(mean).toBeCloseTo(alpha * 0.6, 2); // what the first latent misses of the mean is forgotten on the way
      const unitStart = run.evaluations[0]!.level.sigma ** 2;
      expect(Math.sqrt(variance) / sigma).toBeGreaterThan(Math.sqrt(unitStart) - 1e-3);
      expect(Math.sqrt(variance) / sigma).toBeLessThan(1 / Math.sqrt(unitStart) + 1e-3);
    },
  );
});

/** The integral of a function between two numbers, by the midpoint rule. */
function integral(of: (x: number) => number, from: number, to: number): number {
  const pieces = 20_000;
  const width = (to - from) / pieces;
  let sum = 0;
  for (let i = 0; i < pieces; i += 1) sum += of(from + (i + 0.5) * width) * width;
  return sum;
}

describe('weights of order 3 and 4', () => {
  it.each([
    [[2, 4.5], 0.7],
    [[2, 4.5, 7], 0.7],
  ] as const)('deis integrates polynomials of log rho through %j to %f', (nodes, end) => {
    const weights = deisWeights(nodes, end);
    nodes.forEach((_, power) => {
      const sum = weights.reduce((total, weight, i) => total + weight * Math.log(nodes[i]!) ** power, 0);
      expect(sum).toBeCloseTo(
        integral((rho) => Math.log(rho) ** power, nodes[0], end),
        4,
      );
    });
  });

  const point = (lambda: number): LogSnrPoint => {
    const alpha = 1 / Math.hypot(1, Math.exp(-lambda));
    return { measure: Math.exp(-lambda), alpha, sigma: alpha * Math.exp(-lambda), lambda };
  };

  it.each([
    ['clean', 0, 3],
    ['clean', 1, 3],
    ['clean', 0.5, 4],
    ['noise', 0, 3],
    ['noise', 1, 4],
  ] as const)('sa-solver integrates polynomials of lambda: %s, tau %f, %i nodes', (integrates, tau, count) => {
    const [from, to] = [point(0.5), point(1.25)];
    const nodes = [0.5, -0.25, -1.5, -2].slice(0, count).map(point);
    const { outputs } = saWeights({ integrates, tau, from, to, nodes, corrects: false });
    const rate = 1 + tau ** 2;
    const kernel =
      integrates === 'clean'
        ? (lambda: number) => rate * to.sigma * Math.exp(-(tau ** 2) * to.lambda + rate * lambda)
        : (lambda: number) => -rate * to.alpha * Math.exp(-lambda);
    nodes.forEach((_, power) => {
      const sum = outputs.reduce((total, weight, i) => total + weight * nodes[i]!.lambda ** power, 0);
      expect(Math.abs(sum - integral((x) => kernel(x) * x ** power, 0.5, 1.25))).toBeLessThan(2e-4);
    });
  });
});
