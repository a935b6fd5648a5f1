import { type NoiseSchedule, type PlannedEvaluation, TransfuseError } from '@transfuse/core/contracts';
import { noisePath } from './noise-axis.ts';

// A schedule as the samplers of Ho et al. 2020 and their descendants see it: a chain of timesteps, each with a share of
// signal and a share of noise, alpha² and sigma². The weights of their steps are quotients and differences of these
// shares. diffusers computes them in float32, and some differences lose digits there (1 - alpha_t² / alpha_s² between
// neighbours), so over the schedules it has, variance-preserving ones of discrete timesteps, the same roundings are made
// here, at the same places. Over every other schedule the arithmetic is float64.

/** What a timestep leaves of the data's variance, and the variance of the noise on it. */
export interface ChainLevel {
  /** alpha² */
  readonly signal: number;
  /** sigma² */
  readonly noise: number;
}

/** `single`: every operation is rounded to float32, as diffusers does; `double`: none is. */
export type ChainPrecision = 'single' | 'double';

/** A schedule, read by timesteps. */
export interface TimestepChain {
  /** The schedule's name, for messages. */
  readonly name: string;
  /** How many timesteps there are; 1000 for a continuous schedule, whose times are counted by them. */
  readonly timesteps: number;
  /** Whether only whole timesteps exist, 0 to `timesteps` - 1; a continuous schedule has all from 0 to `timesteps`. */
  readonly whole: boolean;
  readonly precision: ChainPrecision;
  level(timestep: number): ChainLevel;
  evaluation(timestep: number): PlannedEvaluation;
}

/** Data without noise. */
export const cleanLevel: ChainLevel = { signal: 1, noise: 0 };

/** Reads a schedule as a chain. */
export function timestepChain(schedule: NoiseSchedule): TimestepChain {
  const whole = schedule.timesteps !== undefined;
  const timesteps = schedule.timesteps ?? 1000;
  const precision = whole && noisePath(schedule) === 'variance-preserving' ? 'single' : 'double';
  return {
    name: schedule.name,
    timesteps,
    whole,
    precision,
    level(timestep) {
      const { alpha, sigma } = schedule.at(timestep / timesteps);
      if (precision === 'double') return { signal: alpha * alpha, noise: sigma * sigma };
      const signal = Math.fround(alpha * alpha); // the very entry of the float32 table
      return { signal, noise: Math.fround(1 - signal) };
    },
    evaluation(timestep) {
      const time = timestep / timesteps;
      return { time, level: schedule.at(time) };
    },
  };
}

/** What a calculation does to each of its results. */
export function rounding(precision: ChainPrecision): (value: number) => number {
  return precision === 'single' ? Math.fround : (value) => value;
}

/**
 * The evaluations at falling timesteps. Throws `schedule.invalid` where the schedule's signal-to-noise ratio does not
 * fall as time grows, and where a level is no number or has no noise at all.
 */
export function chainEvaluations(chain: TimestepChain, timesteps: readonly number[]): readonly PlannedEvaluation[] {
  const evaluations = timesteps.map((timestep) => chain.evaluation(timestep));
  evaluations.forEach(({ time, level: from }, index) => {
    const to = evaluations[index + 1]?.level ?? { alpha: 1, sigma: 0 };
    // "Not above" and "above 0" are put so that NaN fails too.
    if (from.sigma > 0 && to.alpha > 0 && from.alpha * to.sigma <= to.alpha * from.sigma) return;
    throw new TransfuseError({
      code: 'schedule.invalid',
      place: `schedule ${chain.name}`,
      found: `alpha ${from.alpha}, sigma ${from.sigma} at time ${time} before alpha ${to.alpha}, sigma ${to.sigma}`,
      expected: 'a signal-to-noise ratio, alpha / sigma, that falls as time grows',
      mend: 'Correct the schedule’s at(): time 0 is clean, time 1 is noise.',
    });
  });
  return evaluations;
}
