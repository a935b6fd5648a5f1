import type { Plugin } from '@transfuse/core/contracts';
import { taylorContribution } from './taylor.ts';

// The step caches: forecasts that stand in for evaluations of the network.

export { createTaylorCache, type TaylorOptions } from './taylor.ts';

/** The plugin of the step caches alone; `diffusion` of `@transfuse/plugins` has them together with everything diffusion needs. */
export const stepCaches: Plugin = {
  manifest: {
    name: '@transfuse/plugins/step-caches',
    version: '0.0.0',
    api: '^1.0.0',
    provides: ['step-cache:taylor'],
  },
  contributions: [taylorContribution],
};
