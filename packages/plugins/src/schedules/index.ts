import type { Plugin } from '@transfuse/core/contracts';
import { cosineContribution } from './cosine.ts';
import { flowMatchingContribution } from './flow-matching.ts';

// The noise schedules: forward processes from data to noise, one file each.

export { type CosineOptions, createCosineSchedule } from './cosine.ts';
export { createFlowMatchingSchedule, type FlowMatchingOptions } from './flow-matching.ts';

/**
 * The plugin of the noise schedules `cosine` and `flow-matching` alone; `diffusion` of `@transfuse/plugins` has them
 * together with the samplers. Use one or the other: a host refuses the same contribution twice.
 */
export const schedules: Plugin = {
  manifest: {
    name: '@transfuse/plugins/schedules',
    version: '0.0.0',
    api: '^1.0.0',
    provides: ['noise-schedule:cosine', 'noise-schedule:flow-matching'],
  },
  contributions: [cosineContribution, flowMatchingContribution],
};
