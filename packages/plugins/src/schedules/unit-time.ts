import { TransfuseError } from '@transfuse/core/contracts';

// Diffusion time as all schedules here count it: 0 is clean data, 1 is noise. Sums of fractions may step over an end by
// a rounding error, so times outside are moved to the nearer end; only what is not a number is refused.

/** The time moved into [0, 1]; throws `schedule.invalid` for NaN. */
export function unitTime(time: number, place: string): number {
  if (Number.isNaN(time)) {
    throw new TransfuseError({
      code: 'schedule.invalid',
      place,
      found: 'NaN',
      expected: 'a time from 0 (clean) to 1 (noise)',
      mend: 'Look at the computation of this time: a division of 0 by 0 is the usual cause.',
    });
  }
  return Math.min(1, Math.max(0, time));
}

/** How far training times of the continuous schedules stay from both ends, so that neither alpha nor sigma is 0. */
const margin = 1e-5;

/** The time moved into [1e-5, 1 - 1e-5]. */
export function insideUnitTime(time: number): number {
  return Math.min(1 - margin, Math.max(margin, time));
}
