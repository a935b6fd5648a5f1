import { describe, expect, it } from 'vitest';
import { expectSameTrajectory, schedulerCases } from '../../../../test/support/scheduler-parity.ts';
import { ddimScheduler } from './ddim-scheduler.ts';
import { ddpmScheduler } from './ddpm-scheduler.ts';
import { lcmScheduler } from './lcm-scheduler.ts';
import { pndmScheduler } from './pndm-scheduler.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import { schedulerFields } from './scheduler-fields.ts';
import { tcdScheduler } from './tcd-scheduler.ts';

// Whole trajectories of the classes that go by timesteps, recorded by `test/reference/schedulers_ancestral.py`.

const classes = [ddpmScheduler, ddimScheduler, pndmScheduler, lcmScheduler, tcdScheduler];
const cases = schedulerCases('ancestral');

describe.each(classes.map((schedulerClass) => [schedulerClass.className, schedulerClass] as const))(
  '%s follows diffusers',
  (className, schedulerClass) => {
    it.each(cases.filter(([, { config }]) => config._class_name === className))('%s', (_, item) => {
      expectSameTrajectory(schedulerClass, item);
    });
  },
);

describe('what a class refuses', () => {
  const build = (schedulerClass: SchedulerClass, values: Readonly<Record<string, unknown>>) => () =>
    schedulerClass.build(schedulerFields(schedulerClass.className, { ...schedulerClass.defaults, ...values }));

  const refused = [
    [ddpmScheduler, 'variance_type', 'learned_range'],
    [ddpmScheduler, 'beta_schedule', 'exp'],
    [ddpmScheduler, 'timestep_spacing', 'karras'],
    [ddimScheduler, 'beta_schedule', 'sigmoid'],
    [ddimScheduler, 'set_alpha_to_one', 1],
    [pndmScheduler, 'prediction_type', 'sample'],
    [lcmScheduler, 'original_inference_steps', null],
    [tcdScheduler, 'prediction_type', 'flow'],
  ] as const;

  it.each(
    refused.map(([schedulerClass, field, value]) => [schedulerClass.className, field, value, schedulerClass] as const),
  )('is named by field and value: %s, %s %j', (_, field, value, schedulerClass) => {
    expect(build(schedulerClass, {})).not.toThrow();
    expect(build(schedulerClass, { [field]: value })).toThrow(
      expect.objectContaining({
        code: 'config.invalid',
        place: `${schedulerClass.className}, field ${field}`,
        found: JSON.stringify(value),
      }),
    );
  });

  it('is a table of betas that is not one per timestep', () => {
    expect(build(ddimScheduler, { trained_betas: [0.1, 0.2], num_train_timesteps: 2 })).not.toThrow();
    expect(build(ddimScheduler, { trained_betas: [0.1, 0.2] })).toThrow(
      expect.objectContaining({ code: 'config.invalid', place: 'DDIMScheduler, field num_train_timesteps' }),
    );
  });

  it('does not include what its library accepts and ignores', () => {
    expect(build(tcdScheduler, { clip_sample: true, timestep_spacing: 'trailing', steps_offset: 1 })).not.toThrow();
    expect(build(ddpmScheduler, { clip_sample: false, clip_sample_range: 0 })).not.toThrow();
  });
});
