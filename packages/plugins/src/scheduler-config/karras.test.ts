import { describe, expect, it } from 'vitest';
import { expectSameTrajectory, schedulerCases } from '../../../../test/support/scheduler-parity.ts';
import { dpmSolverSdeScheduler } from './dpm-solver-sde-scheduler.ts';
import { eulerAncestralDiscreteScheduler } from './euler-ancestral-discrete-scheduler.ts';
import { eulerDiscreteScheduler } from './euler-discrete-scheduler.ts';
import { heunDiscreteScheduler } from './heun-discrete-scheduler.ts';
import { kdpm2AncestralDiscreteScheduler } from './kdpm2-ancestral-discrete-scheduler.ts';
import { kdpm2DiscreteScheduler } from './kdpm2-discrete-scheduler.ts';
import { lmsDiscreteScheduler } from './lms-discrete-scheduler.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import { schedulerFields } from './scheduler-fields.ts';

// The sigma-space schedulers against diffusers; `test/reference/schedulers_karras.py` wrote what is followed here.

const classes: readonly SchedulerClass[] = [
  eulerDiscreteScheduler,
  eulerAncestralDiscreteScheduler,
  heunDiscreteScheduler,
  kdpm2DiscreteScheduler,
  kdpm2AncestralDiscreteScheduler,
  lmsDiscreteScheduler,
  dpmSolverSdeScheduler,
];
const classNamed = (name: string) => classes.find(({ className }) => className === name)!;
const fixtures = ['karras-euler', 'karras-two-stage', 'karras-multistep', 'karras-stochastic'];

describe.each(fixtures)('the trajectories of %s', (fixture) => {
  it.each(schedulerCases(fixture))('%s', (_, item) => {
    expectSameTrajectory(classNamed(item.config._class_name), item);
  });
});

describe('a file in sigma space', () => {
  const build = (
    schedulerClass: SchedulerClass,
    values: Record<string, unknown>,
    given: Record<string, unknown> = {},
  ) =>
    schedulerClass.build(schedulerFields(schedulerClass.className, { ...schedulerClass.defaults, ...values }, given));

  it.each(classes)('of class $className is read with its defaults', (schedulerClass) => {
    const { schedule, prediction, sampler } = build(schedulerClass, {});
    expect([schedule.timesteps, prediction]).toEqual([1000, 'epsilon']);
    expect(sampler.config).toMatchObject({ spacing: 'linspace', stepsOffset: 0, sigmas: 'training' });
  });

  it('takes any seed of the Brownian path, which the run’s own replaces', () => {
    expect(build(dpmSolverSdeScheduler, { noise_sampler_seed: 5 }).sampler.name).toBe('dpm-sde');
  });

  const refused: readonly (readonly [SchedulerClass, Record<string, unknown>, string])[] = [
    [
      heunDiscreteScheduler,
      { use_karras_sigmas: true, use_beta_sigmas: true },
      'use_karras_sigmas and use_beta_sigmas',
    ],
    [kdpm2DiscreteScheduler, { prediction_type: 'sample' }, 'prediction_type'],
    [eulerAncestralDiscreteScheduler, { prediction_type: 'sample' }, 'prediction_type'],
    [dpmSolverSdeScheduler, { prediction_type: 'sample' }, 'prediction_type'],
    [lmsDiscreteScheduler, { beta_schedule: 'exp' }, 'beta_schedule'],
    [lmsDiscreteScheduler, { trained_betas: [0.1, 0.2] }, 'num_train_timesteps'],
    [eulerDiscreteScheduler, { use_karras_sigmas: null }, 'use_karras_sigmas'],
    [eulerDiscreteScheduler, { final_sigmas_type: 'none' }, 'final_sigmas_type'],
    [eulerDiscreteScheduler, { timestep_type: 'whole' }, 'timestep_type'],
    [kdpm2AncestralDiscreteScheduler, { timestep_spacing: 'even' }, 'timestep_spacing'],
  ];
  it.each(refused.map(([one, ...rest]) => [one.className, ...rest] as const))(
    'of class %s is refused with %j, naming %s',
    (name, values, field) => {
      const place = expect.stringContaining(field);
      expect(() => build(classNamed(name), values)).toThrow(expect.objectContaining({ code: 'config.invalid', place }));
    },
  );
});
