import { createPndmSampler } from '../samplers/timestep/pndm.ts';
import { betaDefaults, predictionType } from './beta-fields.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import { timestepTable } from './timestep-table.ts';

// PNDMScheduler: pseudo numerical methods, with the Runge-Kutta steps of the paper or, as Stable Diffusion has it, without.

/** How a `PNDMScheduler` is read. Like there, the network may predict noise or velocity, not the sample. */
export const pndmScheduler: SchedulerClass = {
  className: 'PNDMScheduler',
  defaults: {
    ...betaDefaults,
    skip_prk_steps: false,
    set_alpha_to_one: false,
    prediction_type: 'epsilon',
    timestep_spacing: 'leading',
    steps_offset: 0,
  },
  build(fields) {
    const prediction = predictionType(fields, ['epsilon', 'v_prediction']);
    return {
      schedule: timestepTable(fields, { names: ['linear', 'scaled_linear', 'squaredcos_cap_v2'] }),
      prediction,
      sampler: createPndmSampler({
        warmUp: fields.flag('skip_prk_steps') ? 'multistep' : 'runge-kutta',
        combines: prediction === 'velocity' ? 'velocity' : 'noise',
        end: fields.flag('set_alpha_to_one') ? 'clean' : 'first-timestep',
        spacing: fields.choice('timestep_spacing', ['leading', 'trailing', 'linspace']),
        stepsOffset: fields.integer('steps_offset'),
      }),
    };
  },
};
