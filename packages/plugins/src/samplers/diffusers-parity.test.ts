import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DenoisingEstimate, NoiseSchedule, Sampler } from '@transfuse/core/contracts';
import { createCosineSchedule } from '../schedules/cosine.ts';
import { createFlowMatchingSchedule } from '../schedules/flow-matching.ts';
import { createDdimSampler } from './ddim.ts';
import { createDdpmSampler } from './ddpm.ts';
import { createEulerSampler } from './euler.ts';

// Whole trajectories against diffusers, run by `test/reference/diffusion_samplers.py`; its network and its pseudo-normal
// noise are written here a second time. Each snapshot holds the first four of 16 latent elements and the norm of all.

interface Snapshot {
  readonly step: number;
  readonly first: readonly number[];
  readonly norm: number;
}
interface Trajectory {
  readonly sampler: 'ddpm' | 'ddim' | 'euler';
  readonly schedule: 'cosine' | 'flow-matching';
  readonly steps: number;
  readonly config: Record<string, never>;
  /** The first two and the last. */
  readonly times: readonly number[];
  readonly snapshots: readonly Snapshot[];
}

const size = 16;
const initialNoise = 1000;

const { trajectories } = JSON.parse(
  readFileSync(new URL('./diffusers-trajectories.fixture.json', import.meta.url), 'utf8'),
) as { trajectories: Trajectory[] };

const creators: Record<Trajectory['sampler'], (config: Record<string, never>) => Sampler> = {
  ddpm: createDdpmSampler,
  ddim: createDdimSampler,
  euler: createEulerSampler,
};

function pseudoNormal(step: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => {
    const seed = (step * 7919 + i * 104729 + 12345) % 2 ** 21;
    return (((seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31 - 0.5) * Math.sqrt(12);
  });
}

function estimate(schedule: NoiseSchedule, latent: Float32Array, time: number): DenoisingEstimate {
  const { alpha, sigma } = schedule.at(time);
  const clean = Array.from(latent, (x, i) => {
    const neighbour = latent[(i + 1) % size] ?? Number.NaN;
    return (x * (1 - time / 2) + 0.3 * neighbour) / (1 + 0.25 * x * x);
  });
  const noise = clean.map((c, i) => ((latent[i] ?? Number.NaN) - alpha * c) / sigma);
  return { clean: Float32Array.from(clean), noise: Float32Array.from(noise) };
}

/** The latent after each step, and the largest difference from the reference over its snapshots, relative to their size. */
function largestDifference(trajectory: Trajectory): number {
  const schedule = trajectory.schedule === 'cosine' ? createCosineSchedule() : createFlowMatchingSchedule();
  const run = creators[trajectory.sampler](trajectory.config).begin(schedule, { steps: trajectory.steps });
  expect(run.times).toHaveLength(trajectory.steps);
  [run.times[0], run.times[1], run.times.at(-1)].forEach((time, i) =>
    expect(time).toBeCloseTo(trajectory.times[i]!, 6),
  );

  let state = run.start(pseudoNormal(initialNoise));
  let largest = 0;
  let compared = 0;
  for (const time of run.times) {
    const fresh = pseudoNormal(state.index).values();
    state = run.step(state, estimate(schedule, state.latent, time), () => fresh.next().value ?? Number.NaN);
    const snapshot = trajectory.snapshots.find(({ step }) => step === state.index);
    if (snapshot === undefined) continue;
    const size = snapshot.norm / 4; // the root mean square of the 16 elements
    const differences = snapshot.first.map((value, i) => Math.abs((state.latent[i] ?? Number.NaN) - value) / size);
    largest = Math.max(largest, ...differences, Math.abs(Math.hypot(...state.latent) / snapshot.norm - 1));
    compared += 1;
  }
  expect(compared).toBe(trajectory.snapshots.length);
  return largest;
}

describe('a whole trajectory equals that of diffusers', () => {
  it.each(trajectories.map((trajectory) => [label(trajectory), trajectory] as const))('%s', (_, trajectory) => {
    expect(largestDifference(trajectory)).toBeLessThan(tolerance(trajectory));
  });

  it('for each sampler at 5, 10, 25, 50 and 250 steps', () => {
    for (const start of ['ddpm cosine', 'ddim cosine', 'euler cosine', 'euler flow-matching']) {
      const steps = trajectories.filter((trajectory) => label(trajectory).startsWith(start)).map(({ steps }) => steps);
      expect(steps).toEqual(expect.arrayContaining([5, 10, 25, 50, 250]));
    }
  });
});

function label({ sampler, schedule, steps, config }: Trajectory): string {
  return `${sampler} ${schedule}, ${steps} steps, ${JSON.stringify(config)}`;
}

/**
 * Measured differences stay under 2e-6. One is 1.4e-4, by diffusers' own rounding: its Euler sampler keeps latent / alpha
 * in float32, which at timestep 999 (alpha 4.9e-5) leaves four digits.
 */
function tolerance({ sampler, config }: Trajectory): number {
  return sampler === 'euler' && 'spacing' in config && config.spacing === 'trailing' ? 1e-3 : 1e-5;
}
