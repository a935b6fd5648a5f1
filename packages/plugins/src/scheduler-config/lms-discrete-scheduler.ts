import { createLmsSampler } from '../samplers/sigma/lms.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import { ladderFields, sigmaDefaults, sigmaPrediction, sigmaSchedule, spreadDefaults } from './sigma-fields.ts';
import { numberArgument } from './step-arguments.ts';

// `LMSDiscreteScheduler` of diffusers, with its step argument order.

/** How `LMSDiscreteScheduler` is read. */
export const lmsDiscreteScheduler: SchedulerClass = {
  className: 'LMSDiscreteScheduler',
  defaults: { ...sigmaDefaults, ...spreadDefaults },
  build(fields) {
    const prediction = sigmaPrediction(fields, 'with sample');
    return {
      schedule: sigmaSchedule(fields),
      prediction,
      sampler: createLmsSampler({
        ...ladderFields(fields, 'with spread', prediction),
        order: numberArgument(fields, 'order', 4),
      }),
    };
  },
};
