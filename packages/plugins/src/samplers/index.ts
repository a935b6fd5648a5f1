import type { Plugin } from '@transfuse/core/contracts';
import { ddimContribution } from './ddim.ts';
import { ddpmContribution } from './ddpm.ts';
import { eulerContribution } from './euler.ts';

// The samplers: ways of going from noise to data, one file each.

export { createDdimSampler, type DdimOptions } from './ddim.ts';
export { createDdpmSampler, type DdpmOptions } from './ddpm.ts';
export { createEulerSampler, type EulerOptions } from './euler.ts';
export type { Spacing } from './time-spacing.ts';

/**
 * The plugin of the samplers `ddpm`, `ddim` and `euler` alone; `diffusion` of `@transfuse/plugins` has them together with
 * the noise schedules. Use one or the other: a host refuses the same contribution twice.
 */
export const samplers: Plugin = {
  manifest: {
    name: '@transfuse/plugins/samplers',
    version: '0.0.0',
    api: '^1.0.0',
    provides: ['sampler:ddpm', 'sampler:ddim', 'sampler:euler'],
  },
  contributions: [ddpmContribution, ddimContribution, eulerContribution],
};
