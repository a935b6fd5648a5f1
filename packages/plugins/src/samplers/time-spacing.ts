import { type NoiseSchedule, TransfuseError } from '@transfuse/core/contracts';

// At which times a sampler asks the network. Over a discrete schedule of T timesteps there are three customs (Lin et al.
// 2023, arXiv 2305.08891, table 2), counted here as diffusers counts them, with halves rounded to the even neighbour:
//   leading   multiples of floor(T / steps), from 0 up: 10 of 1000 are 900, 800, … 0. The last timestep is left out.
//   trailing  T - 1 and down by T / steps: 999, 899, … 99.
//   linspace  from T - 1 to 0, evenly: 999, 888, … 0.
// Continuous schedules have no first or last timestep to choose: their times are 1, 1 - 1 / steps, … 1 / steps.

/** The custom by which evaluation times are spread over a discrete schedule. */
export type Spacing = 'leading' | 'trailing' | 'linspace';

/** All customs, for choice settings and schemas. */
export const spacings: readonly Spacing[] = ['leading', 'trailing', 'linspace'];

/** The JSON schema of a sampler's `spacing` setting. */
export const spacingSchema = {
  enum: spacings,
  default: 'leading',
  description: 'How evaluation times are spread over a discrete schedule; continuous schedules are spread evenly.',
} as const;

/**
 * The times of `steps` network evaluations over a schedule, falling, each in [0, 1].
 *
 * Throws `schedule.invalid` where `steps` is not a positive integer, where a discrete schedule has fewer timesteps than
 * that, and for one step with spacing `leading` or `linspace`, whose only timestep would be the clean end.
 */
export function spacedTimes(
  schedule: NoiseSchedule,
  options: { readonly steps: number; readonly spacing: Spacing; readonly sampler: string },
): readonly number[] {
  const { steps, spacing, sampler } = options;
  const place = `${sampler}.steps`;
  if (!Number.isInteger(steps) || steps < 1) {
    throw new TransfuseError({
      code: 'schedule.invalid',
      place,
      found: String(steps),
      expected: 'a positive integer',
      mend: 'Ask for at least one step; 25 to 250 are usual.',
    });
  }
  const { timesteps } = schedule;
  if (timesteps === undefined) return Array.from({ length: steps }, (_, i) => 1 - i / steps);
  if (steps > timesteps) {
    throw new TransfuseError({
      code: 'schedule.invalid',
      place,
      found: `${steps}`,
      expected: `at most ${timesteps}, the timesteps of the schedule ${schedule.name}`,
      mend: 'Ask for fewer steps, or train with a schedule of more timesteps.',
    });
  }
  if (steps === 1 && timesteps > 1 && spacing !== 'trailing') {
    throw new TransfuseError({
      code: 'schedule.invalid',
      place,
      found: `1 with spacing ${spacing}, which would start at the clean end`,
      expected: 'at least 2 steps with this spacing',
      mend: `Set ${sampler}.spacing to "trailing", or ask for more steps.`,
    });
  }
  return spacedTimesteps(timesteps, steps, spacing).map((timestep) => timestep / timesteps);
}

/** The same as integers in [0, timesteps - 1], falling. */
function spacedTimesteps(timesteps: number, steps: number, spacing: Spacing): number[] {
  const falling = Array.from({ length: steps }, (_, i) => i);
  switch (spacing) {
    case 'leading': {
      const stride = Math.floor(timesteps / steps);
      return falling.map((i) => (steps - 1 - i) * stride);
    }
    case 'trailing': {
      const stride = timesteps / steps;
      return falling.map((i) => roundHalfToEven(timesteps - i * stride) - 1);
    }
    case 'linspace': {
      const stride = (timesteps - 1) / Math.max(1, steps - 1);
      return falling.map((i) => roundHalfToEven((steps - 1 - i) * stride));
    }
  }
}

function roundHalfToEven(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}
