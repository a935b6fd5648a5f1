import { createKdpm2Sampler } from '../samplers/sigma/kdpm2.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import {
  ladderFields,
  secondOrderBetas,
  sigmaDefaults,
  sigmaPrediction,
  sigmaSchedule,
  spreadDefaults,
} from './sigma-fields.ts';

// `KDPM2DiscreteScheduler` of diffusers.

/** How `KDPM2DiscreteScheduler` is read. */
export const kdpm2DiscreteScheduler: SchedulerClass = {
  className: 'KDPM2DiscreteScheduler',
  defaults: { ...sigmaDefaults, ...secondOrderBetas, ...spreadDefaults },
  build(fields) {
    const prediction = sigmaPrediction(fields, 'without sample');
    return {
      schedule: sigmaSchedule(fields),
      prediction,
      sampler: createKdpm2Sampler(ladderFields(fields, 'with spread', prediction)),
    };
  },
};
