import type { Contribution, LossWeighting } from '@transfuse/core/contracts';

// No weighting: every noise level counts the same in the space the loss is taken in (Ho et al. 2020, the "simple" loss,
// where that space is the noise).

/**
 * The weighting that is 1 at every level. It has no settings.
 *
 * @example
 * ```ts
 * import { createCosineSchedule } from '@transfuse/plugins/schedules';
 * import { createConstantWeighting } from '@transfuse/plugins/weightings';
 * console.assert(createConstantWeighting().weight(createCosineSchedule().at(0.5), 'epsilon') === 1);
 * ```
 */
export function createConstantWeighting(): LossWeighting {
  return { name: 'constant', config: Object.freeze({}), weight: () => 1 };
}

/** No weighting, as a plugin's contribution: `loss-weighting`, `constant`. */
export const constantContribution: Contribution<'loss-weighting'> = {
  kind: 'loss-weighting',
  name: 'constant',
  description: 'Every noise level counts the same.',
  configSchema: { type: 'object', additionalProperties: false, properties: {} },
  create: () => createConstantWeighting(),
};
