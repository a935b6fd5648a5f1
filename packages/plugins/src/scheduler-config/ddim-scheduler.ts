import { createDdimSampler } from '../samplers/timestep/ddim.ts';
import { betaDefaults, predictionType } from './beta-fields.ts';
import { cleanLimitDefaults, cleanLimitFields } from './clean-limit-fields.ts';
import { flagArgument } from './step-arguments.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import { timestepTable } from './timestep-table.ts';

// DDIMScheduler: denoising diffusion implicit models. `eta` and `use_clipped_model_output` are arguments of its `step`.

/** How a `DDIMScheduler` is read. */
export const ddimScheduler: SchedulerClass = {
  className: 'DDIMScheduler',
  defaults: {
    ...betaDefaults,
    set_alpha_to_one: true,
    steps_offset: 0,
    prediction_type: 'epsilon',
    ...cleanLimitDefaults,
    timestep_spacing: 'leading',
    rescale_betas_zero_snr: false,
  },
  build(fields) {
    return {
      schedule: timestepTable(fields, {
        names: ['linear', 'scaled_linear', 'squaredcos_cap_v2'],
        zeroTerminalSnr: 'field',
      }),
      prediction: predictionType(fields),
      sampler: createDdimSampler({
        eta: fields.argument('eta', 0),
        end: fields.flag('set_alpha_to_one') ? 'clean' : 'first-timestep',
        landing: 'stride',
        direction: flagArgument(fields, 'use_clipped_model_output', false) ? 'consistent' : 'predicted',
        spacing: fields.choice('timestep_spacing', ['leading', 'trailing', 'linspace']),
        stepsOffset: fields.integer('steps_offset'),
        ...cleanLimitFields(fields),
      }),
    };
  },
};
