import type { Contribution, Sampler } from '@transfuse/core/contracts';
import { choiceSetting } from '../../schedules/setting.ts';
import { flowRun } from './flow-run.ts';
import { flowSpacing, flowSpacingSchemas, type FlowSpacingOptions } from './flow-spacing.ts';

// Multistep sampling of a consistency model (Song et al. 2023, arXiv 2303.01469, algorithm 1; latent consistency, Luo et
// al. 2023) on the straight path of flow matching: each step takes the network's clean estimate at its word and adds
// fresh noise of the next, smaller share. For models distilled to few steps.

/** Settings of {@link createFlowLcmSampler}. */
export interface FlowLcmOptions extends FlowSpacingOptions {
  /**
   * What each step draws anew: `noise`, or `clean`, keeping the noise estimate, which ends in noise: only to follow
   * diffusers where `invert_sigmas` is set. @default 'noise'
   */
  readonly fresh?: 'noise' | 'clean';
}

/**
 * Consistency sampling over shares of noise, over any schedule; one evaluation a step, stochastic save for the last.
 * Requests and settings are read as `flow-euler` reads them.
 *
 * Throws `schedule.invalid` for a setting out of range; `begin` and `step` throw it as the contract says, `begin` also
 * for a dynamic shift without `tokens` or `mu`.
 *
 * @example
 * ```ts
 * import { createFlowLcmSampler } from '@transfuse/plugins/samplers';
 * import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
 * const run = createFlowLcmSampler({ shift: 3 }).begin(createFlowMatchingSchedule(), { steps: 4 });
 * console.assert(run.evaluations.length === 4);
 * ```
 */
export function createFlowLcmSampler(options: FlowLcmOptions = {}): Sampler {
  const spacing = flowSpacing('flow-lcm', options);
  const fresh = choiceSetting<'noise' | 'clean'>({
    place: 'flow-lcm.fresh',
    value: options.fresh,
    fallback: 'noise',
    choices: ['noise', 'clean'],
  });
  return {
    name: 'flow-lcm',
    config: Object.freeze({ ...spacing, fresh }),
    begin: (schedule, request) => flowRun('flow-lcm', { spacing, fresh }, schedule, request),
  };
}

/** The sampler as a plugin's contribution: `sampler`, `flow-lcm`. */
export const flowLcmContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: 'flow-lcm',
  description:
    'Consistency sampling (Song et al. 2023) for flow matching: few steps, each renoised, for distilled models.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...flowSpacingSchemas,
      fresh: {
        enum: ['noise', 'clean'],
        default: 'noise',
        description: 'What each step draws anew: the noise, or (for parity only) the clean latent.',
      },
    },
  },
  create: (config) => createFlowLcmSampler(config as FlowLcmOptions),
};
