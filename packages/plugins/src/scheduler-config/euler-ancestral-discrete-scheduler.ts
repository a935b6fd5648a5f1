import { createEulerAncestralSampler } from '../samplers/sigma/euler-ancestral.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import { ladderFields, sigmaDefaults, sigmaPrediction, sigmaSchedule } from './sigma-fields.ts';

// `EulerAncestralDiscreteScheduler` of diffusers.

/** How `EulerAncestralDiscreteScheduler` is read. */
export const eulerAncestralDiscreteScheduler: SchedulerClass = {
  className: 'EulerAncestralDiscreteScheduler',
  defaults: { ...sigmaDefaults, rescale_betas_zero_snr: false },
  build(fields) {
    const prediction = sigmaPrediction(fields, 'without sample');
    return {
      schedule: sigmaSchedule(fields, { zeroTerminalSnr: 'field' }),
      prediction,
      sampler: createEulerAncestralSampler(ladderFields(fields, 'without spread', prediction)),
    };
  },
};
