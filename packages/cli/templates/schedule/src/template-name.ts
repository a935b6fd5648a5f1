/**
 * A polynomial noise schedule: noisy = (1 - t^power) clean + t noise. A schedule is plain numbers, no tensors: a path
 * (alpha, sigma) from data at time 0 to noise at time 1, its velocity, and where training spends its time. Replace the
 * polynomial by your path.
 */
import { type NoiseSchedule, TransfuseError } from '@transfuse/core/contracts';

/** Settings of {@link createTemplateNameSchedule}. */
export interface TemplateNameOptions {
  /** The power of the time, 1 (flow matching's straight path) to 8. @default 2 */
  readonly power?: number;
}

/** Training times stay this far from both ends, where a prediction says nothing of the clean data, or of the noise. */
const margin = 1e-5;

/** Creates the schedule. Throws `schedule.invalid` for a power out of range; `at` throws it for NaN. */
export function createTemplateNameSchedule({ power = 2 }: TemplateNameOptions = {}): NoiseSchedule {
  if (!(power >= 1 && power <= 8)) throw invalid('power', String(power), 'a number from 1 to 8');
  return {
    name: 'template-name',
    config: { power }, // what `create` needs to make this very schedule again; it is stored in checkpoints
    at(time) {
      if (Number.isNaN(time)) throw invalid('at', 'NaN', 'a time from 0 to 1');
      const t = Math.min(1, Math.max(0, time)); // sums of fractions may step over an end by a rounding error
      return {
        alpha: 1 - t ** power,
        sigma: t,
        // The derivatives of alpha and sigma by the time: what a network that predicts the velocity learns.
        velocity: { clean: -power * t ** (power - 1), noise: 1 },
      };
    },
    // Uniform numbers in, training times out: take all randomness from `uniform`, as often as needed.
    sampleTime: (uniform) => margin + (1 - 2 * margin) * uniform(),
    // A schedule of discrete timesteps also says how many: `timesteps: 1000`.
  };
}

function invalid(field: string, found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'schedule.invalid',
    place: `template-name.${field}`,
    found,
    expected,
    mend: 'Correct it, or leave it out where it has a default.',
  });
}
