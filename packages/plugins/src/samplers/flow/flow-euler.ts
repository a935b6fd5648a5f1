import type { Contribution, Sampler } from '@transfuse/core/contracts';
import { choiceSetting } from '../../schedules/setting.ts';
import { flowRun, type FreshPart } from './flow-run.ts';
import { flowSpacing, flowSpacingSchemas, type FlowSpacingOptions } from './flow-spacing.ts';

// Euler's method along the straight path of flow matching (Lipman et al. 2023, arXiv 2210.02747; Esser et al. 2024, arXiv
// 2403.03206): the latent moves by the change of noise times the velocity, noise - clean. Paths that are not straight
// are straightened by dividing latents by alpha + sigma.

/** Settings of {@link createFlowEulerSampler}. */
export interface FlowEulerOptions extends FlowSpacingOptions {
  /**
   * What each step draws anew from the normal distribution: `none`, Euler's method; `noise`, keeping the clean estimate,
   * as `flow-lcm` does; `clean`, keeping the noise estimate, which ends in noise: only to follow diffusers where both
   * `stochastic_sampling` and `invert_sigmas` are set. @default 'none'
   */
  readonly fresh?: FreshPart;
}

const freshParts: readonly FreshPart[] = ['none', 'noise', 'clean'];

/**
 * Euler's method for flow matching, over any schedule; one evaluation a step, deterministic unless `fresh` says
 * otherwise. Timesteps of a request are counted 0 to `timesteps`; sigmas are shares of noise, 0 to 1, and are shifted as
 * planned ones are. With velocity or sample prediction the run may begin at pure noise.
 *
 * Throws `schedule.invalid` for a setting out of range; `begin` and `step` throw it as the contract says, `begin` also
 * for a dynamic shift without `tokens` or `mu`.
 *
 * @example
 * ```ts
 * import { createFlowEulerSampler } from '@transfuse/plugins/samplers';
 * import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
 * const run = createFlowEulerSampler({ shift: 3 }).begin(createFlowMatchingSchedule(), { steps: 28 });
 * console.assert(run.evaluations.length === 28 && run.evaluations[0]?.time === 1);
 * ```
 */
export function createFlowEulerSampler(options: FlowEulerOptions = {}): Sampler {
  const spacing = flowSpacing('flow-euler', options);
  const fresh = choiceSetting<FreshPart>({
    place: 'flow-euler.fresh',
    value: options.fresh,
    fallback: 'none',
    choices: freshParts,
  });
  return {
    name: 'flow-euler',
    config: Object.freeze({ ...spacing, fresh }),
    begin: (schedule, request) => flowRun('flow-euler', { spacing, fresh }, schedule, request),
  };
}

/** The sampler as a plugin's contribution: `sampler`, `flow-euler`. */
export const flowEulerContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: 'flow-euler',
  description: 'Euler’s method for flow matching (Esser et al. 2024), with shifts of time for large blocks.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...flowSpacingSchemas,
      fresh: {
        enum: freshParts,
        default: 'none',
        description: 'What each step draws anew: nothing, the noise, or (for parity only) the clean latent.',
      },
    },
  },
  create: (config) => createFlowEulerSampler(config as FlowEulerOptions),
};
