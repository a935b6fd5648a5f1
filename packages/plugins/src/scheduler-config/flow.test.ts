import { describe, it } from 'vitest';
import { expectSameTrajectory, schedulerCases } from '../../../../test/support/scheduler-parity.ts';
import { edmDpmSolverMultistepScheduler } from './edm-dpm-solver-multistep-scheduler.ts';
import { edmEulerScheduler } from './edm-euler-scheduler.ts';
import { flowMatchEulerDiscreteScheduler } from './flow-match-euler-discrete-scheduler.ts';
import { flowMatchHeunDiscreteScheduler } from './flow-match-heun-discrete-scheduler.ts';
import { flowMatchLcmScheduler } from './flow-match-lcm-scheduler.ts';

// Whole trajectories of the classes of flow matching and of EDM, recorded by `test/reference/schedulers_flow.py` and
// `schedulers_edm.py`.

const classes = [
  flowMatchEulerDiscreteScheduler,
  flowMatchHeunDiscreteScheduler,
  flowMatchLcmScheduler,
  edmEulerScheduler,
  edmDpmSolverMultistepScheduler,
];
const cases = [...schedulerCases('flow'), ...schedulerCases('edm')];

describe.each(classes.map((schedulerClass) => [schedulerClass.className, schedulerClass] as const))(
  '%s follows diffusers',
  (className, schedulerClass) => {
    it.each(cases.filter(([, { config }]) => config._class_name === className))('%s', (_, item) => {
      expectSameTrajectory(schedulerClass, item);
    });
  },
);
