import { createFlowHeunSampler } from '../samplers/flow/flow-heun.ts';
import { flowSchedule } from './flow-fields.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import { churnArguments } from './step-arguments.ts';

// Heun's method for flow matching.

/** diffusers' `FlowMatchHeunDiscreteScheduler`. */
export const flowMatchHeunDiscreteScheduler: SchedulerClass = {
  className: 'FlowMatchHeunDiscreteScheduler',
  defaults: { num_train_timesteps: 1000, shift: 1 },
  build(fields) {
    const churn = churnArguments(fields);
    const spacing = { timesteps: fields.integer('num_train_timesteps'), shift: fields.number('shift') };
    return {
      ...flowSchedule(fields, { shift: spacing.shift, time: 'forward' }),
      sampler: createFlowHeunSampler({ ...spacing, ...churn }),
    };
  },
};
