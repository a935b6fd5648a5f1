import { TransfuseError } from '@transfuse/core/contracts';
import { createEdmDpmSolverSampler } from '../samplers/edm/edm-dpm-solver.ts';
import { edmDefaults, edmSchedule, edmSpacingFields } from './edm-fields.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import type { SchedulerFields } from './scheduler-fields.ts';

// DPM-Solver++ in the formulation of EDM. As there, the algorithm `deis` means `dpmsolver++`, other classes' solver types
// mean `midpoint`, and an order above 3 means 3.

/** diffusers' `EDMDPMSolverMultistepScheduler`. */
export const edmDpmSolverMultistepScheduler: SchedulerClass = {
  className: 'EDMDPMSolverMultistepScheduler',
  defaults: {
    ...edmDefaults,
    solver_order: 2,
    thresholding: false,
    dynamic_thresholding_ratio: 0.995,
    sample_max_value: 1,
    algorithm_type: 'dpmsolver++',
    solver_type: 'midpoint',
    lower_order_final: true,
    euler_at_final: false,
    final_sigmas_type: 'zero',
  },
  build(fields) {
    const algorithms = ['dpmsolver++', 'sde-dpmsolver++', 'deis'] as const;
    if (fields.choice('algorithm_type', algorithms) === 'deis') {
      fields.only('final_sigmas_type', 'sigma_min', 'with algorithm_type "deis", as in that library');
    }
    const algorithm = fields.choice('algorithm_type', algorithms) === 'sde-dpmsolver++' ? 'sde' : 'ode';
    const types = ['midpoint', 'heun', 'logrho', 'bh1', 'bh2'] as const;
    const sampler = createEdmDpmSolverSampler({
      ...edmSpacingFields(fields),
      algorithm,
      order: solverOrder(fields),
      correction: fields.choice('solver_type', types) === 'heun' ? 'heun' : 'midpoint',
      lowerOrderFinal: fields.flag('lower_order_final'),
      eulerAtFinal: fields.flag('euler_at_final'),
      ...(fields.flag('thresholding') && {
        limit: 'threshold',
        thresholdRatio: fields.number('dynamic_thresholding_ratio'),
        thresholdMaximum: fields.number('sample_max_value'),
      }),
    });
    return { ...edmSchedule(fields, 'single'), sampler };
  },
};

function solverOrder(fields: SchedulerFields): number {
  const order = fields.integer('solver_order');
  if (order >= 1) return Math.min(order, 3);
  throw new TransfuseError({
    code: 'config.invalid',
    place: `${fields.className}, field solver_order`,
    found: String(order),
    expected: 'at least 1',
    mend: 'Correct the field; 2 is usual.',
  });
}
