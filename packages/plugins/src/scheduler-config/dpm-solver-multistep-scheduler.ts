import { type DpmAlgorithm, integratesClean } from '../samplers/log-snr/dpm-integrals.ts';
import { createDpmSolverSampler } from '../samplers/log-snr/dpm-solver.ts';
import {
  buildLogSnr,
  dynamicShiftField,
  logSnrDefaults,
  logSnrFields,
  type LogSnrPath,
  logSnrPath,
  minimumLogSnrField,
  refused,
  sigmasField,
} from './log-snr-fields.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import type { SchedulerFields } from './scheduler-fields.ts';

// DPMSolverMultistepScheduler: DPM-Solver as a multistep method.

/** How a `DPMSolverMultistepScheduler` is read. */
export const dpmSolverMultistepScheduler: SchedulerClass = {
  className: 'DPMSolverMultistepScheduler',
  defaults: {
    ...logSnrDefaults,
    solver_order: 2,
    algorithm_type: 'dpmsolver++',
    solver_type: 'midpoint',
    lower_order_final: true,
    euler_at_final: false,
    use_lu_lambdas: false,
    final_sigmas_type: 'zero',
    lambda_min_clipped: -Infinity,
    variance_type: null,
    timestep_spacing: 'linspace',
    steps_offset: 0,
    rescale_betas_zero_snr: false,
    use_dynamic_shifting: false,
    time_shift_type: 'exponential',
  },
  build(fields) {
    fields.only('variance_type', null, 'a network here predicts no variance');
    const path = logSnrPath(fields, 'field');
    const spread = sigmasField(fields, path);
    const lu = fields.flag('use_lu_lambdas') && spread !== 'karras';
    if (lu && path.path === 'straight') throw refused(fields, 'use_lu_lambdas and use_flow_sigmas', 'only one of them');
    const sigmas = lu ? 'lu' : spread;
    const algorithm = dpmAlgorithmField(fields, ['dpmsolver++', 'dpmsolver', 'sde-dpmsolver++', 'sde-dpmsolver']);
    const order = solverOrderField(fields);
    if (algorithm === 'sde-dpmsolver' && order > 2) throw refused(fields, 'solver_order', '1 or 2 for sde-dpmsolver');
    const cosine =
      fields.choice('beta_schedule', ['linear', 'scaled_linear', 'squaredcos_cap_v2']) === 'squaredcos_cap_v2';
    const sampler = createDpmSolverSampler({
      ...logSnrFields(fields, sigmas),
      ...(cosine && { rounding: 'down' }),
      ...minimumLogSnrField(fields),
      ...dynamicShiftField(fields),
      spacing: fields.choice('timestep_spacing', ['linspace', 'leading', 'trailing']),
      stepsOffset: fields.integer('steps_offset'),
      algorithm,
      order,
      solver: dpmSolverField(fields),
      lowerOrderFinal: fields.flag('lower_order_final'),
      eulerAtFinal: fields.flag('euler_at_final'),
      end: fields.choice('final_sigmas_type', ['zero', 'sigma_min']) === 'zero' ? 'clean' : sigmaMinEnd(path),
    });
    return buildLogSnr(fields, path, sampler, integratesClean(algorithm) ? 'clean' : 'noise');
  },
};

/** Where `sigma_min` ends a run: at the betas' first noise level, over straight paths too. */
export function sigmaMinEnd({ path, smallest }: LogSnrPath): 'first-timestep' | number {
  return path === 'betas' ? 'first-timestep' : smallest;
}

/** Reads `algorithm_type`, and refuses the ends that it cannot reach. `deis` of another class means `dpmsolver++`. */
export function dpmAlgorithmField(fields: SchedulerFields, supported: readonly DpmAlgorithm[]): DpmAlgorithm {
  const name = fields.choice<DpmAlgorithm | 'deis'>('algorithm_type', [...supported, 'deis']);
  const reachesClean = name === 'dpmsolver++' || name === 'sde-dpmsolver++';
  if (!reachesClean && fields.choice('final_sigmas_type', ['zero', 'sigma_min']) === 'zero') {
    throw refused(fields, 'final_sigmas_type', `"sigma_min" with algorithm_type ${JSON.stringify(name)}`);
  }
  return name === 'deis' ? 'dpmsolver++' : name;
}

/** Reads `solver_type`; those of related classes mean `midpoint`. */
export function dpmSolverField(fields: SchedulerFields): 'midpoint' | 'heun' {
  const name = fields.choice('solver_type', ['midpoint', 'heun', 'logrho', 'bh1', 'bh2']);
  return name === 'heun' ? 'heun' : 'midpoint';
}

/** Reads `solver_order`; every order above 3 acts as 3 there. */
export function solverOrderField(fields: SchedulerFields): number {
  const order = fields.integer('solver_order');
  if (order < 1) throw refused(fields, 'solver_order', 'at least 1');
  return Math.min(3, order);
}
