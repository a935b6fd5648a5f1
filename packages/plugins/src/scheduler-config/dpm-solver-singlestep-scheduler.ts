import { integratesClean } from '../samplers/log-snr/dpm-integrals.ts';
import { createDpmSolverSinglestepSampler } from '../samplers/log-snr/dpm-solver-singlestep.ts';
import { dpmAlgorithmField, dpmSolverField, sigmaMinEnd } from './dpm-solver-multistep-scheduler.ts';
import {
  buildLogSnr,
  dynamicShiftField,
  logSnrDefaults,
  logSnrFields,
  logSnrPath,
  minimumLogSnrField,
  refused,
  sigmasField,
} from './log-snr-fields.ts';
import type { SchedulerClass } from './scheduler-class.ts';

// DPMSolverSinglestepScheduler: DPM-Solver as a singlestep method.

/** How a `DPMSolverSinglestepScheduler` is read. */
export const dpmSolverSinglestepScheduler: SchedulerClass = {
  className: 'DPMSolverSinglestepScheduler',
  defaults: {
    ...logSnrDefaults,
    solver_order: 2,
    algorithm_type: 'dpmsolver++',
    solver_type: 'midpoint',
    lower_order_final: false,
    final_sigmas_type: 'zero',
    lambda_min_clipped: -Infinity,
    variance_type: null,
    use_dynamic_shifting: false,
    time_shift_type: 'exponential',
  },
  build(fields) {
    fields.only('variance_type', null, 'a network here predicts no variance');
    const path = logSnrPath(fields);
    const algorithm = dpmAlgorithmField(fields, ['dpmsolver++', 'dpmsolver', 'sde-dpmsolver++']) as 'dpmsolver++';
    if (algorithm === ('dpmsolver' as string) && fields.flag('thresholding')) {
      throw refused(fields, 'thresholding', 'false with algorithm_type "dpmsolver"');
    }
    const order = fields.integer('solver_order');
    if (order < 1 || order > 3) throw refused(fields, 'solver_order', '1, 2 or 3');
    const sampler = createDpmSolverSinglestepSampler({
      ...logSnrFields(fields, sigmasField(fields, path)),
      ...minimumLogSnrField(fields),
      ...dynamicShiftField(fields),
      spacing: 'linspace',
      algorithm,
      order,
      solver: dpmSolverField(fields),
      lowerOrderFinal: fields.flag('lower_order_final'),
      end: fields.choice('final_sigmas_type', ['zero', 'sigma_min']) === 'zero' ? 'clean' : sigmaMinEnd(path),
    });
    return buildLogSnr(fields, path, sampler, integratesClean(algorithm) ? 'clean' : 'noise');
  },
};
