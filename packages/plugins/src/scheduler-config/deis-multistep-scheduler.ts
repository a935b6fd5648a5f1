import { createDeisSampler } from '../samplers/log-snr/deis.ts';
import { solverOrderField } from './dpm-solver-multistep-scheduler.ts';
import {
  buildLogSnr,
  dynamicShiftField,
  logSnrDefaults,
  logSnrFields,
  logSnrPath,
  sigmasField,
} from './log-snr-fields.ts';
import type { SchedulerClass } from './scheduler-class.ts';

// DEISMultistepScheduler: DEIS in its log-rho form, the only one there; names of related classes mean the same.

const predictionNames = ['epsilon', 'sample', 'v_prediction', 'flow_prediction'] as const;

/** How a `DEISMultistepScheduler` is read. */
export const deisMultistepScheduler: SchedulerClass = {
  className: 'DEISMultistepScheduler',
  defaults: {
    ...logSnrDefaults,
    solver_order: 2,
    algorithm_type: 'deis',
    solver_type: 'logrho',
    lower_order_final: true,
    timestep_spacing: 'linspace',
    steps_offset: 0,
    use_dynamic_shifting: false,
    time_shift_type: 'exponential',
  },
  build(fields) {
    fields.choice('algorithm_type', ['deis', 'dpmsolver', 'dpmsolver++']);
    fields.choice('solver_type', ['logrho', 'midpoint', 'heun', 'bh1', 'bh2']);
    const path = logSnrPath(fields);
    const sigmas = sigmasField(fields, path);
    const turned = path.path === 'betas' && fields.choice('prediction_type', predictionNames) === 'flow_prediction';
    const sampler = createDeisSampler({
      ...logSnrFields(fields, sigmas),
      ...(turned && { prediction: 'unknown' }), // its noise is no longer what the clean estimate leaves
      ...dynamicShiftField(fields),
      spacing: fields.choice('timestep_spacing', ['linspace', 'leading', 'trailing']),
      stepsOffset: fields.integer('steps_offset'),
      order: solverOrderField(fields),
      lowerOrderFinal: fields.flag('lower_order_final'),
      end: path.path === 'betas' && sigmas === 'training' ? 'first-timestep' : 'last',
    });
    return buildLogSnr(fields, path, sampler, 'noise through clean');
  },
};
