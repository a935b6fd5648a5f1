import { describe, expect, it } from 'vitest';
import { expectSameTrajectory, schedulerCases } from '../../../../test/support/scheduler-parity.ts';
import { deisMultistepScheduler } from './deis-multistep-scheduler.ts';
import { dpmSolverMultistepScheduler } from './dpm-solver-multistep-scheduler.ts';
import { dpmSolverSinglestepScheduler } from './dpm-solver-singlestep-scheduler.ts';
import { saSolverScheduler } from './sa-solver-scheduler.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import { schedulerFields } from './scheduler-fields.ts';
import { uniPcMultistepScheduler } from './uni-pc-multistep-scheduler.ts';

// Whole trajectories of the classes that integrate over the log signal-to-noise ratio, recorded by
// `test/reference/schedulers_dpm.py`.

const classes = [
  ['dpm-solver-multistep', dpmSolverMultistepScheduler],
  ['dpm-solver-singlestep', dpmSolverSinglestepScheduler],
  ['deis-multistep', deisMultistepScheduler],
  ['uni-pc-multistep', uniPcMultistepScheduler],
  ['sa-solver', saSolverScheduler],
] as const;

describe.each(classes)('%s follows diffusers', (name, schedulerClass) => {
  it.each(schedulerCases(name))('%s', (_, item) => {
    expectSameTrajectory(schedulerClass, item);
  });
});

const build = (schedulerClass: SchedulerClass, values: Readonly<Record<string, unknown>>) =>
  schedulerClass.build(schedulerFields(schedulerClass.className, { ...schedulerClass.defaults, ...values }));

describe('what a class refuses', () => {
  const refused = [
    [
      dpmSolverMultistepScheduler,
      { use_karras_sigmas: true, use_beta_sigmas: true },
      'use_karras_sigmas and use_beta_',
    ],
    [dpmSolverMultistepScheduler, { use_karras_sigmas: true, use_flow_sigmas: true }, 'use_flow_sigmas'],
    [dpmSolverMultistepScheduler, { use_lu_lambdas: true, use_flow_sigmas: true }, 'use_lu_lambdas'],
    [dpmSolverMultistepScheduler, { algorithm_type: 'dpmsolver' }, 'final_sigmas_type'],
    [dpmSolverMultistepScheduler, { algorithm_type: 'deis' }, 'final_sigmas_type'],
    [dpmSolverMultistepScheduler, { variance_type: 'learned' }, 'variance_type'],
    [dpmSolverMultistepScheduler, { solver_type: 'bh3' }, 'solver_type'],
    [dpmSolverMultistepScheduler, { solver_order: 0 }, 'solver_order'],
    [
      dpmSolverMultistepScheduler,
      { algorithm_type: 'sde-dpmsolver', solver_order: 3, final_sigmas_type: 'sigma_min' },
      'solver_order',
    ],
    [
      dpmSolverMultistepScheduler,
      { algorithm_type: 'dpmsolver', final_sigmas_type: 'sigma_min', prediction_type: 'flow_prediction' },
      'prediction_type',
    ],
    [dpmSolverSinglestepScheduler, { solver_order: 4 }, 'solver_order'],
    [dpmSolverSinglestepScheduler, { algorithm_type: 'sde-dpmsolver' }, 'algorithm_type'],
    [
      dpmSolverSinglestepScheduler,
      { algorithm_type: 'dpmsolver', final_sigmas_type: 'sigma_min', thresholding: true },
      'thresholding',
    ],
    [deisMultistepScheduler, { prediction_type: 'flow_prediction', thresholding: true }, 'thresholding'],
    [deisMultistepScheduler, { algorithm_type: 'sde-dpmsolver' }, 'algorithm_type'],
    [uniPcMultistepScheduler, { solver_p: {} }, 'solver_p'],
    [uniPcMultistepScheduler, { solver_type: 'bh1' }, 'final_sigmas_type'],
    [uniPcMultistepScheduler, { predict_x0: false }, 'final_sigmas_type'],
    [uniPcMultistepScheduler, { lower_order_final: false }, 'final_sigmas_type'],
    [uniPcMultistepScheduler, { shift_terminal: 0.1 }, 'shift_terminal'],
    [saSolverScheduler, { tau_func: 'one' }, 'tau_func'],
    [saSolverScheduler, { algorithm_type: 'noise_prediction', thresholding: true }, 'thresholding'],
  ] as const;

  it.each(refused)('%# by its name', (schedulerClass, values, field) => {
    expect(() => build(schedulerClass, values)).toThrow(
      expect.objectContaining({ code: 'config.invalid', place: expect.stringContaining(field) }),
    );
  });
});

describe('what a class takes for another name', () => {
  const same = [
    [dpmSolverMultistepScheduler, { solver_type: 'logrho' }, { solver_type: 'midpoint' }],
    [
      dpmSolverMultistepScheduler,
      { algorithm_type: 'deis', final_sigmas_type: 'sigma_min' },
      { final_sigmas_type: 'sigma_min' },
    ],
    [dpmSolverMultistepScheduler, { solver_order: 5 }, { solver_order: 3 }],
    [dpmSolverMultistepScheduler, { lambda_min_clipped: null }, { lambda_min_clipped: -Infinity }],
    [deisMultistepScheduler, { solver_type: 'bh2', algorithm_type: 'dpmsolver++' }, {}],
    [uniPcMultistepScheduler, { solver_type: 'midpoint' }, { solver_type: 'bh2' }],
  ] as const;

  it.each(same)('%# gives the same sampler', (schedulerClass, values, others) => {
    expect(build(schedulerClass, values).sampler.config).toEqual(build(schedulerClass, others).sampler.config);
  });
});

describe('what a run refuses', () => {
  const flow = { use_flow_sigmas: true, prediction_type: 'flow_prediction' };
  const refused = [
    [dpmSolverMultistepScheduler, {}, { steps: 5, sigmas: [1, 0.5] }, 'sigmas'],
    [dpmSolverMultistepScheduler, { use_karras_sigmas: true }, { steps: 2, timesteps: [900, 100] }, 'timesteps'],
    [dpmSolverMultistepScheduler, flow, { steps: 2, timesteps: [900, 100] }, 'timesteps'],
    [dpmSolverMultistepScheduler, {}, { steps: 2, timesteps: [100, 900] }, 'timesteps'],
    [dpmSolverMultistepScheduler, flow, { steps: 5, mu: 1 }, 'mu'],
    [dpmSolverMultistepScheduler, { timestep_spacing: 'leading' }, { steps: 1000 }, 'steps'],
    [deisMultistepScheduler, {}, { steps: 2, timesteps: [900, 100] }, 'timesteps'],
    [uniPcMultistepScheduler, {}, { steps: 2, sigmas: [0.9, 0.5] }, 'sigmas'],
    [uniPcMultistepScheduler, { ...flow, use_dynamic_shifting: true }, { steps: 5 }, 'mu'],
    [saSolverScheduler, {}, { steps: 0 }, 'steps'],
  ] as const;

  it.each(refused)('%# by its place', (schedulerClass, values, request, place) => {
    const { schedule, sampler } = build(schedulerClass, values);
    expect(() => sampler.begin(schedule, request)).toThrow(
      expect.objectContaining({ code: 'schedule.invalid', place: expect.stringContaining(place) }),
    );
  });
});
