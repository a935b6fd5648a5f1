import { createKdpm2AncestralSampler } from '../samplers/sigma/kdpm2-ancestral.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import {
  ladderFields,
  secondOrderBetas,
  sigmaDefaults,
  sigmaPrediction,
  sigmaSchedule,
  spreadDefaults,
} from './sigma-fields.ts';

// `KDPM2AncestralDiscreteScheduler` of diffusers.

/** How `KDPM2AncestralDiscreteScheduler` is read. */
export const kdpm2AncestralDiscreteScheduler: SchedulerClass = {
  className: 'KDPM2AncestralDiscreteScheduler',
  defaults: { ...sigmaDefaults, ...secondOrderBetas, ...spreadDefaults },
  build(fields) {
    const prediction = sigmaPrediction(fields, 'without sample');
    return {
      schedule: sigmaSchedule(fields),
      prediction,
      sampler: createKdpm2AncestralSampler(ladderFields(fields, 'with spread', prediction)),
    };
  },
};
