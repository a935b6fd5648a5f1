import { createDpmSdeSampler } from '../samplers/sigma/dpm-sde.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import {
  ladderFields,
  secondOrderBetas,
  sigmaDefaults,
  sigmaPrediction,
  sigmaSchedule,
  spreadDefaults,
} from './sigma-fields.ts';
import { numberArgument } from './step-arguments.ts';

// `DPMSolverSDEScheduler` of diffusers, with its step argument s_noise. Its seed chooses one path of the noise; here the
// run's own seed does, so any seed is taken and none changes the distribution.

/** How `DPMSolverSDEScheduler` is read. */
export const dpmSolverSdeScheduler: SchedulerClass = {
  className: 'DPMSolverSDEScheduler',
  defaults: { ...sigmaDefaults, ...secondOrderBetas, ...spreadDefaults, noise_sampler_seed: null },
  build(fields) {
    const prediction = sigmaPrediction(fields, 'without sample');
    fields.optionalNumber('noise_sampler_seed');
    return {
      schedule: sigmaSchedule(fields),
      prediction,
      sampler: createDpmSdeSampler({
        ...ladderFields(fields, 'with spread', prediction),
        noise: numberArgument(fields, 's_noise', 1),
      }),
    };
  },
};
