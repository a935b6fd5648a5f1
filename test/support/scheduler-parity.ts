/**
 * Follows trajectories that `test/reference/scheduler_trajectories.py` recorded of diffusers: the same configuration, the
 * same analytic network, the same pseudo-random numbers, by our schedules and samplers.
 */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { toEstimate } from '../../packages/core/src/objective/index.ts';
import type { SchedulerClass } from '../../packages/plugins/src/scheduler-config/scheduler-class.ts';
import { schedulerFields } from '../../packages/plugins/src/scheduler-config/scheduler-fields.ts';

const size = 16;
const startDraw = 1000;

/** One recorded trajectory. */
export interface SchedulerCase {
  readonly config: Readonly<Record<string, unknown>> & { readonly _class_name: string };
  readonly steps?: number;
  readonly timesteps?: readonly number[];
  readonly sigmas?: readonly number[];
  readonly mu?: number;
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly evaluations: number;
  readonly timesteps_seen: readonly number[];
  readonly snapshots: readonly { readonly index: number; readonly first: readonly number[]; readonly norm: number }[];
}

/** The cases of `<name>.fixture.json`, each with a title. */
export function schedulerCases(name: string): readonly (readonly [string, SchedulerCase])[] {
  const file = new URL(`../../packages/plugins/src/scheduler-config/${name}.fixture.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: SchedulerCase[] };
  return cases.map((item) => {
    const { _class_name, ...config } = item.config;
    const plan = JSON.stringify({ ...config, ...item.arguments, steps: item.steps, mu: item.mu });
    return [`${_class_name} ${plan}`, item] as const;
  });
}

/** The recorded pseudo-random numbers of a draw. */
export function pseudoNormal(draw: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => {
    const seed = (draw * 7919 + i * 104729 + 12345) % 2 ** 21;
    return (((seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31 - 0.5) * Math.sqrt(12);
  });
}

/** The recorded network's output. */
export function analyticOutput(seen: Float32Array, timestep: number): Float32Array {
  return seen.map((x, i) => {
    const neighbour = seen[(i + 1) % size] as number;
    return 0.8 * Math.tanh(0.9 * x + 0.4 * neighbour + 0.3 * Math.cos(timestep / 150));
  });
}

/** Follows one case and expects every recorded latent within `tolerance`, relative to the latent's root mean square. */
export function expectSameTrajectory(schedulerClass: SchedulerClass, item: SchedulerCase, tolerance = 1e-4): void {
  const { className, defaults } = schedulerClass;
  const unknown = Object.keys(item.config).filter((name) => name !== '_class_name' && !(name in defaults));
  expect(unknown, `fields that ${className} should know`).toEqual([]);
  const fields = schedulerFields(className, { ...defaults, ...item.config }, item.arguments);
  const { schedule, prediction, sampler, timestepOf } = schedulerClass.build(fields);
  const counted = timestepOf ?? ((time: number) => time * (schedule.timesteps ?? 1000));
  const { steps = item.timesteps?.length ?? item.sigmas?.length ?? 0, timesteps, sigmas, mu } = item;
  const run = sampler.begin(schedule, {
    steps,
    ...(timesteps && { timesteps }),
    ...(sigmas && { sigmas }),
    ...(mu !== undefined && { mu }),
  });
  expect(run.evaluations).toHaveLength(item.evaluations);
  const { length } = run.evaluations;
  [...new Set([0, 1 % length, length - 1])].forEach((index, i) => {
    const seen = item.timesteps_seen[i] as number;
    expect(Math.abs(counted(run.evaluations[index]!.time) - seen)).toBeLessThan(1e-4 * Math.max(1, Math.abs(seen)));
  });

  let draws = 0;
  const noise = () => pseudoNormal(draws++);
  const recorded = new Map(item.snapshots.map((snapshot) => [snapshot.index, snapshot]));
  const compare = (index: number, latent: Float32Array) => {
    const snapshot = recorded.get(index);
    if (snapshot === undefined) return;
    const scale = Math.max(snapshot.norm / Math.sqrt(size), 1e-6);
    const norm = Math.sqrt(latent.reduce((sum, x) => sum + x * x, 0));
    const differences = [
      ...snapshot.first.map((x, i) => Math.abs(latent[i]! - x) / scale),
      Math.abs(norm - snapshot.norm) / Math.max(snapshot.norm, 1e-6),
    ];
    expect(Math.max(...differences), `relative difference before evaluation ${index}`).toBeLessThan(tolerance);
  };
  let state = run.start(pseudoNormal(startDraw));
  for (const { time, level } of run.evaluations) {
    compare(state.index, state.latent);
    const output = analyticOutput(state.latent, counted(time));
    state = run.step(state, toEstimate(output, state.latent, prediction, level), noise);
  }
  compare(state.index, state.latent);
}
