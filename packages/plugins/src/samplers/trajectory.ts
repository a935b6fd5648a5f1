import { type NoiseLevel, type NoiseSchedule, TransfuseError } from '@transfuse/core/contracts';
import { spacedTimes, type Spacing } from './time-spacing.ts';

// The noise levels that a sampling run passes through: one per network evaluation, and the one it ends at. Everything a
// sampler of ours needs to know of a schedule is in these pairs (alpha, sigma), so samplers work over any schedule whose
// signal-to-noise ratio falls with time, discrete or continuous, variance-preserving or not.

/** The part of a noise level that samplers use: `noisy = alpha * clean + sigma * noise`. */
export type Level = Pick<NoiseLevel, 'alpha' | 'sigma'>;

/** Evaluation times and the levels before and after each step. */
export interface Trajectory {
  /** Falling; its length is the number of steps. */
  readonly times: readonly number[];
  /** One longer than `times`: step i goes from `levels[i]` to `levels[i + 1]`. */
  readonly levels: readonly Level[];
}

const cleanLevel: Level = { alpha: 1, sigma: 0 };

/**
 * Plans the levels of a run. It ends at the clean level (alpha 1, sigma 0), or with `end: 'first-timestep'` at the
 * schedule's level of time 0.
 *
 * Throws `schedule.invalid` for what `spacedTimes` refuses, and for a schedule whose signal-to-noise ratio does not fall.
 */
export function planTrajectory(
  schedule: NoiseSchedule,
  options: {
    readonly steps: number;
    readonly spacing: Spacing;
    readonly sampler: string;
    readonly end?: 'clean' | 'first-timestep';
  },
): Trajectory {
  const times = spacedTimes(schedule, options);
  const end: Level = options.end === 'first-timestep' ? schedule.at(0) : cleanLevel;
  const levels = [...times.map((time): Level => schedule.at(time)), end];
  for (const [i, time] of times.entries()) {
    const from = levels[i] as Level;
    const to = levels[i + 1] as Level;
    // "Not above" and "above 0" are put so that NaN fails too.
    if (from.sigma > 0 && to.alpha > 0 && from.alpha * to.sigma <= to.alpha * from.sigma) continue;
    throw new TransfuseError({
      code: 'schedule.invalid',
      place: `schedule ${schedule.name}`,
      found: `alpha ${from.alpha}, sigma ${from.sigma} at time ${time} before alpha ${to.alpha}, sigma ${to.sigma}`,
      expected: 'a signal-to-noise ratio, alpha / sigma, that falls as time grows',
      mend: 'Correct the schedule’s at(): time 0 is clean, time 1 is noise.',
    });
  }
  return { times, levels };
}
