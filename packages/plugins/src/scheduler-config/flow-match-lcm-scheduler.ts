import { createFlowLcmSampler } from '../samplers/flow/flow-lcm.ts';
import { flowDefaults, flowSchedule, flowSpacingFields, toldOwnTimesteps, trainingShift } from './flow-fields.ts';
import type { SchedulerClass } from './scheduler-class.ts';

// Consistency sampling for flow matching. Growing the latent between steps (`scale_factors`) is refused: here a run has
// one latent size.

/** diffusers' `FlowMatchLCMScheduler`. */
export const flowMatchLcmScheduler: SchedulerClass = {
  className: 'FlowMatchLCMScheduler',
  defaults: { ...flowDefaults, scale_factors: null, upscale_mode: 'bicubic' },
  build(fields) {
    const factors = fields.optionalNumbers('scale_factors') ?? [];
    if (factors.length > 0) fields.only('upscale_mode', null, 'with scale_factors: the latent of a run keeps its size');
    const spacing = flowSpacingFields(fields);
    const inverted = fields.flag('invert_sigmas');
    const sampler = createFlowLcmSampler({ ...spacing, fresh: inverted ? 'clean' : 'noise' });
    return {
      ...flowSchedule(fields, { shift: trainingShift(fields), time: inverted ? 'inverted' : 'forward' }),
      sampler: inverted ? toldOwnTimesteps(sampler, fields.integer('num_train_timesteps')) : sampler,
    };
  },
};
