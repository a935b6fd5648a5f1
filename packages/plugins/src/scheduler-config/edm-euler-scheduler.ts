import { createEdmEulerSampler } from '../samplers/edm/edm-euler.ts';
import { edmDefaults, edmSchedule, edmSpacingFields } from './edm-fields.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import { absentArgument, churnArguments } from './step-arguments.ts';

// Euler's method in the formulation of EDM.

/** diffusers' `EDMEulerScheduler`. */
export const edmEulerScheduler: SchedulerClass = {
  className: 'EDMEulerScheduler',
  defaults: { ...edmDefaults, final_sigmas_type: 'zero' },
  build(fields) {
    const churn = churnArguments(fields);
    absentArgument(fields, 'pred_original_sample', 'the clean estimate comes from the network');
    const spacing = edmSpacingFields(fields);
    const sigmaData = fields.number('sigma_data');
    return { ...edmSchedule(fields, 'double'), sampler: createEdmEulerSampler({ ...spacing, ...churn, sigmaData }) };
  },
};
