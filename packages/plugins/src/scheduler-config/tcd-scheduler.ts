import { createTcdSampler } from '../samplers/timestep/tcd.ts';
import { predictionType } from './beta-fields.ts';
import { distilledDefaults, distilledFields } from './distilled-fields.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import { timestepTable } from './timestep-table.ts';

// TCDScheduler: strategic stochastic sampling of trajectory consistency models. `eta` is an argument of its `step`. Its
// file has fields for clipping and thresholding too, which change nothing there and are not read here either.

/** How a `TCDScheduler` is read. */
export const tcdScheduler: SchedulerClass = {
  className: 'TCDScheduler',
  defaults: distilledDefaults,
  build(fields) {
    const given = fields.argument<number | null>('original_inference_steps', null);
    return {
      schedule: timestepTable(fields, {
        names: ['linear', 'scaled_linear', 'squaredcos_cap_v2'],
        zeroTerminalSnr: 'field',
      }),
      prediction: predictionType(fields),
      sampler: createTcdSampler({
        ...distilledFields(fields),
        grid: given === null ? 'distilled' : 'training', // as there, where the argument stands for any timestep
        eta: fields.argument('eta', 0.3),
        end: 'first-timestep',
      }),
    };
  },
};
