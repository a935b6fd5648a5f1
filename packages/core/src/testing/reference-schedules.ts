/**
 * The noise schedules that samplers, guiders and weightings are checked over where an author names none: the straight
 * path of flow matching (Lipman et al. 2023), and the quarter circle (alpha = cos, sigma = sin), variance-preserving, in
 * continuous time and over 1000 timesteps. The first two end in pure noise, the third just before it.
 */
import type { NoiseSchedule } from '../contracts/noise-schedule.ts';
import { TransfuseError } from '../errors/index.ts';

/** alpha = 1 - time, sigma = time, velocity noise - clean. */
export const straightSchedule: NoiseSchedule = {
  name: 'straight',
  config: {},
  at(time) {
    const sigma = unitTime(time, 'straight.at');
    return { alpha: 1 - sigma, sigma, velocity: { clean: -1, noise: 1 } };
  },
  sampleTime: (uniform) => uniform(),
};

/** The quarter circle in continuous time. */
export const circleSchedule: NoiseSchedule = {
  name: 'circle',
  config: {},
  at: (time) => onCircle(unitTime(time, 'circle.at')),
  sampleTime: (uniform) => uniform(),
};

/** The quarter circle over 1000 timesteps. */
export const discreteCircleSchedule: NoiseSchedule = {
  name: 'discrete-circle',
  config: {},
  timesteps: 1000,
  at: (time) => onCircle(Math.min(999, Math.round(unitTime(time, 'discrete-circle.at') * 1000)) / 1000 + 0.0005),
  sampleTime: (uniform) => Math.floor(uniform() * 1000) / 1000,
};

/** All three. */
export const referenceSchedules: readonly NoiseSchedule[] = [straightSchedule, circleSchedule, discreteCircleSchedule];

function onCircle(time: number) {
  const [alpha, sigma] = [Math.sin((Math.PI / 2) * (1 - time)), Math.sin((Math.PI / 2) * time)];
  return { alpha, sigma, velocity: { clean: -sigma, noise: alpha } };
}

function unitTime(time: number, place: string): number {
  if (!Number.isNaN(time)) return Math.min(1, Math.max(0, time));
  throw new TransfuseError({
    code: 'schedule.invalid',
    place,
    found: 'NaN',
    expected: 'a time from 0 (clean) to 1 (noise)',
    mend: 'Look at the computation of this time.',
  });
}
