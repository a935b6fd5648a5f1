import { createDdpmSampler } from '../samplers/timestep/ddpm.ts';
import { betaDefaults, predictionType } from './beta-fields.ts';
import { cleanLimitDefaults, cleanLimitFields } from './clean-limit-fields.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import { timestepTable } from './timestep-table.ts';

// DDPMScheduler: ancestral sampling. The variances `fixed_small_log` and `fixed_large_log` take a logarithm and its
// exponential on the way, so they are `fixed_small` and `fixed_large` here; that library's own `fixed_large_log` forgets
// the exponential and ends in NaN.

const variances = {
  fixed_small: 'fixed_small',
  fixed_small_log: 'fixed_small',
  fixed_large: 'fixed_large',
  fixed_large_log: 'fixed_large',
} as const;

/** How a `DDPMScheduler` is read. Learned variances are refused: they are a second output, which networks here do not have. */
export const ddpmScheduler: SchedulerClass = {
  className: 'DDPMScheduler',
  defaults: {
    ...betaDefaults,
    variance_type: 'fixed_small',
    prediction_type: 'epsilon',
    ...cleanLimitDefaults,
    timestep_spacing: 'leading',
    steps_offset: 0,
    rescale_betas_zero_snr: false,
  },
  build(fields) {
    return {
      schedule: timestepTable(fields, {
        names: ['linear', 'scaled_linear', 'squaredcos_cap_v2', 'laplace', 'sigmoid'],
        zeroTerminalSnr: 'field',
      }),
      prediction: predictionType(fields),
      sampler: createDdpmSampler({
        variance: variances[fields.choice('variance_type', Object.keys(variances) as (keyof typeof variances)[])],
        lastNoise: 'drawn',
        spacing: fields.choice('timestep_spacing', ['leading', 'trailing', 'linspace']),
        stepsOffset: fields.integer('steps_offset'),
        ...cleanLimitFields(fields),
      }),
    };
  },
};
