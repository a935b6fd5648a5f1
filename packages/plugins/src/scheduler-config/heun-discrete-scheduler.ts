import { createHeunSampler } from '../samplers/sigma/heun.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import {
  ladderFields,
  secondOrderBetas,
  sigmaDefaults,
  sigmaPrediction,
  sigmaSchedule,
  spreadDefaults,
} from './sigma-fields.ts';

// `HeunDiscreteScheduler` of diffusers.

/** How `HeunDiscreteScheduler` is read. */
export const heunDiscreteScheduler: SchedulerClass = {
  className: 'HeunDiscreteScheduler',
  defaults: { ...sigmaDefaults, ...secondOrderBetas, ...spreadDefaults, clip_sample: false, clip_sample_range: 1 },
  build(fields) {
    const prediction = sigmaPrediction(fields, 'with sample');
    return {
      schedule: sigmaSchedule(fields, { others: ['exp'] }),
      prediction,
      sampler: createHeunSampler({
        ...ladderFields(fields, 'with spread', prediction),
        limit: fields.flag('clip_sample') ? 'clip' : 'none',
        limitRange: fields.number('clip_sample_range'),
      }),
    };
  },
};
