import { ddimScheduler } from './ddim-scheduler.ts';
import { ddpmScheduler } from './ddpm-scheduler.ts';
import { deisMultistepScheduler } from './deis-multistep-scheduler.ts';
import { dpmSolverMultistepScheduler } from './dpm-solver-multistep-scheduler.ts';
import { dpmSolverSdeScheduler } from './dpm-solver-sde-scheduler.ts';
import { dpmSolverSinglestepScheduler } from './dpm-solver-singlestep-scheduler.ts';
import { edmDpmSolverMultistepScheduler } from './edm-dpm-solver-multistep-scheduler.ts';
import { edmEulerScheduler } from './edm-euler-scheduler.ts';
import { eulerAncestralDiscreteScheduler } from './euler-ancestral-discrete-scheduler.ts';
import { eulerDiscreteScheduler } from './euler-discrete-scheduler.ts';
import { flowMatchEulerDiscreteScheduler } from './flow-match-euler-discrete-scheduler.ts';
import { flowMatchHeunDiscreteScheduler } from './flow-match-heun-discrete-scheduler.ts';
import { flowMatchLcmScheduler } from './flow-match-lcm-scheduler.ts';
import { heunDiscreteScheduler } from './heun-discrete-scheduler.ts';
import { kdpm2AncestralDiscreteScheduler } from './kdpm2-ancestral-discrete-scheduler.ts';
import { kdpm2DiscreteScheduler } from './kdpm2-discrete-scheduler.ts';
import { lcmScheduler } from './lcm-scheduler.ts';
import { lmsDiscreteScheduler } from './lms-discrete-scheduler.ts';
import { pndmScheduler } from './pndm-scheduler.ts';
import { saSolverScheduler } from './sa-solver-scheduler.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import { tcdScheduler } from './tcd-scheduler.ts';
import { uniPcMultistepScheduler } from './uni-pc-multistep-scheduler.ts';

// The classes of the diffusers library that can be read.

/** All of them; a `scheduler_config.json` names one in `_class_name`. */
export const schedulerClasses: readonly SchedulerClass[] = [
  ddpmScheduler,
  ddimScheduler,
  pndmScheduler,
  lmsDiscreteScheduler,
  eulerDiscreteScheduler,
  heunDiscreteScheduler,
  eulerAncestralDiscreteScheduler,
  dpmSolverMultistepScheduler,
  dpmSolverSinglestepScheduler,
  kdpm2DiscreteScheduler,
  kdpm2AncestralDiscreteScheduler,
  deisMultistepScheduler,
  uniPcMultistepScheduler,
  dpmSolverSdeScheduler,
  edmEulerScheduler,
  edmDpmSolverMultistepScheduler,
  flowMatchEulerDiscreteScheduler,
  flowMatchHeunDiscreteScheduler,
  flowMatchLcmScheduler,
  lcmScheduler,
  tcdScheduler,
  saSolverScheduler,
];
