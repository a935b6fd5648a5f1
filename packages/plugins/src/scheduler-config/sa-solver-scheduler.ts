import { createSaSolverSampler } from '../samplers/log-snr/sa-solver.ts';
import {
  buildLogSnr,
  logSnrDefaults,
  logSnrFields,
  logSnrPath,
  minimumLogSnrField,
  refused,
  sigmasField,
} from './log-snr-fields.ts';
import type { SchedulerClass } from './scheduler-class.ts';

// SASolverScheduler: the stochastic Adams method. A file cannot hold a `tau_func`, so tau is that class's default.

/** How an `SASolverScheduler` is read. */
export const saSolverScheduler: SchedulerClass = {
  className: 'SASolverScheduler',
  defaults: {
    ...logSnrDefaults,
    predictor_order: 2,
    corrector_order: 2,
    tau_func: null,
    algorithm_type: 'data_prediction',
    lower_order_final: true,
    lambda_min_clipped: -Infinity,
    variance_type: null,
    timestep_spacing: 'linspace',
    steps_offset: 0,
  },
  build(fields) {
    fields.only('variance_type', null, 'a network here predicts no variance');
    fields.only('tau_func', null, 'a function cannot stand in a file; create the sampler with tau, tauFrom and tauTo');
    const path = logSnrPath(fields);
    const sigmas = sigmasField(fields, path);
    const clean = fields.choice('algorithm_type', ['data_prediction', 'noise_prediction']) === 'data_prediction';
    if (!clean && fields.flag('thresholding')) {
      throw refused(fields, 'thresholding', 'false with algorithm_type "noise_prediction"');
    }
    const sampler = createSaSolverSampler({
      ...logSnrFields(fields, sigmas),
      ...minimumLogSnrField(fields),
      spacing: fields.choice('timestep_spacing', ['linspace', 'leading', 'trailing']),
      stepsOffset: fields.integer('steps_offset'),
      predictorOrder: fields.integer('predictor_order'),
      correctorOrder: fields.integer('corrector_order'),
      integrates: clean ? 'clean' : 'noise',
      lowerOrderFinal: fields.flag('lower_order_final'),
      end: path.path === 'betas' && sigmas === 'training' ? 'first-timestep' : 'last',
    });
    return buildLogSnr(fields, path, sampler, clean ? 'clean' : 'noise');
  },
};
