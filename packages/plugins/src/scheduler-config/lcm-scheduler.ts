import { createLcmSampler } from '../samplers/timestep/lcm.ts';
import { predictionType } from './beta-fields.ts';
import { cleanLimitFields } from './clean-limit-fields.ts';
import { distilledDefaults, distilledFields } from './distilled-fields.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import { timestepTable } from './timestep-table.ts';

// LCMScheduler: multistep sampling of latent consistency models.

/** How an `LCMScheduler` is read. */
export const lcmScheduler: SchedulerClass = {
  className: 'LCMScheduler',
  defaults: distilledDefaults,
  build(fields) {
    return {
      schedule: timestepTable(fields, {
        names: ['linear', 'scaled_linear', 'squaredcos_cap_v2'],
        zeroTerminalSnr: 'field',
      }),
      prediction: predictionType(fields),
      sampler: createLcmSampler({
        ...distilledFields(fields),
        timestepScaling: fields.number('timestep_scaling'),
        ...cleanLimitFields(fields),
      }),
    };
  },
};
