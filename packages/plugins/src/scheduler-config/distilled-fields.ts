import type { DistilledOptions } from '../samplers/timestep/distilled-timesteps.ts';
import { betaDefaults } from './beta-fields.ts';
import { cleanLimitDefaults } from './clean-limit-fields.ts';
import type { SchedulerFields } from './scheduler-fields.ts';

// What the two classes for distilled models, LCMScheduler and TCDScheduler, have in common: the same fields, of which
// `set_alpha_to_one`, `steps_offset` and `timestep_spacing` change nothing there and are not read here either.

/** The fields of both classes. */
export const distilledDefaults = {
  ...betaDefaults,
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  original_inference_steps: 50,
  ...cleanLimitDefaults,
  clip_sample: false,
  set_alpha_to_one: true,
  steps_offset: 0,
  prediction_type: 'epsilon',
  timestep_spacing: 'leading',
  timestep_scaling: 10.0,
  rescale_betas_zero_snr: false,
} as const;

/** The grid of timesteps; `original_inference_steps` and `strength` may also be arguments of its `set_timesteps`. */
export function distilledFields(fields: SchedulerFields): DistilledOptions {
  const originalSteps = fields.integer('original_inference_steps');
  return {
    originalSteps: fields.argument<number>('original_inference_steps', originalSteps),
    strength: fields.argument('strength', 1),
  };
}
