import { type EdmSpacingOptions, edmSigmas } from '../samplers/edm/edm-spacing.ts';
import { createEdmSchedule, edmSigmaOfTime } from '../schedules/index.ts';
import type { BuiltScheduler } from './scheduler-class.ts';
import type { SchedulerFields } from './scheduler-fields.ts';
import { turnedVelocity } from './turned-velocity.ts';

// The fields that the two classes of EDM share. That library tells the network 0.25 ln(sigma) as the timestep; its
// `v_prediction` is EDM's output with the other sign.

/** The first fields of both classes, with their defaults. */
export const edmDefaults = {
  sigma_min: 0.002,
  sigma_max: 80,
  sigma_data: 0.5,
  sigma_schedule: 'karras',
  num_train_timesteps: 1000,
  prediction_type: 'epsilon',
  rho: 7,
} as const;

/** The spacing that a file describes. */
export function edmSpacingFields(fields: SchedulerFields): Required<EdmSpacingOptions> {
  return {
    sigmaMin: fields.number('sigma_min'),
    sigmaMax: fields.number('sigma_max'),
    spacing: fields.choice('sigma_schedule', ['karras', 'exponential']),
    rho: fields.number('rho'),
    end: fields.choice('final_sigmas_type', ['zero', 'sigma_min']) === 'zero' ? 'clean' : 'smallest',
  };
}

/**
 * The schedule of a file, what its network predicts, and how that library counts timesteps. The range reaches as far as
 * the sampler's first and last sigma, which rounding may move beyond the file's.
 */
export function edmSchedule(fields: SchedulerFields, precision: 'double' | 'single'): Omit<BuiltScheduler, 'sampler'> {
  fields.integer('num_train_timesteps'); // no sampling there reads it, but it has to be a number
  const spacing = edmSpacingFields(fields);
  const [first, last] = edmSigmas(spacing, { steps: 2, precision }) as [number, number];
  const range = {
    sigmaMin: Math.min(spacing.sigmaMin, last),
    sigmaMax: Math.max(spacing.sigmaMax, first),
    rho: Math.max(1, spacing.rho), // how our time is counted; a sampler's own rho may be smaller
  };
  const schedule = createEdmSchedule({ ...range, sigmaData: fields.number('sigma_data') });
  const prediction = fields.choice('prediction_type', ['epsilon', 'v_prediction']);
  return {
    schedule: prediction === 'epsilon' ? schedule : turnedVelocity(schedule),
    prediction: 'velocity',
    timestepOf: (time) => 0.25 * Math.log(edmSigmaOfTime(time, range)),
  };
}
