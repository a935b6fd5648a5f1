import { createFlowEulerSampler } from '../samplers/flow/flow-euler.ts';
import { flowDefaults, flowSchedule, flowSpacingFields, toldOwnTimesteps, trainingShift } from './flow-fields.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import { absentArgument, churnArguments } from './step-arguments.ts';

// Euler's method for flow matching, as files of Stable Diffusion 3, FLUX and their kin name it. Its `step` takes
// arguments of churn and never reads them.

/** diffusers' `FlowMatchEulerDiscreteScheduler`. */
export const flowMatchEulerDiscreteScheduler: SchedulerClass = {
  className: 'FlowMatchEulerDiscreteScheduler',
  defaults: { ...flowDefaults, stochastic_sampling: false },
  build(fields) {
    churnArguments(fields);
    absentArgument(fields, 'per_token_timesteps', 'every token of a block has the same noise');
    const spacing = flowSpacingFields(fields);
    const inverted = fields.flag('invert_sigmas');
    // Inverted, that library's x0 is the noise, so its stochastic step keeps the noise and draws the clean latent anew.
    const fresh = fields.flag('stochastic_sampling') ? (inverted ? 'clean' : 'noise') : 'none';
    const sampler = createFlowEulerSampler({ ...spacing, fresh });
    return {
      ...flowSchedule(fields, { shift: trainingShift(fields), time: inverted ? 'inverted' : 'forward' }),
      sampler: inverted ? toldOwnTimesteps(sampler, fields.integer('num_train_timesteps')) : sampler,
    };
  },
};
