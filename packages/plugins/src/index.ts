import type { Plugin } from '@transfuse/core/contracts';
import { guiders } from './guiders/index.ts';
import { samplers } from './samplers/index.ts';
import { schedulerConfigs } from './scheduler-config/index.ts';
import { schedules } from './schedules/index.ts';
import { stepCaches } from './step-caches/index.ts';
import { weightings } from './weightings/index.ts';

// The plugins that come with Transfuse. Most people want `diffusion`; the finer ones exist for hosts that bring things of
// their own under the same names.

export { guiders } from './guiders/index.ts';
export { samplers } from './samplers/index.ts';
export { schedulerConfigs } from './scheduler-config/index.ts';
export { schedules } from './schedules/index.ts';
export { stepCaches } from './step-caches/index.ts';
export { weightings } from './weightings/index.ts';

const parts = [schedules, weightings, samplers, guiders, stepCaches, schedulerConfigs];

/**
 * Everything diffusion needs in one plugin: noise schedules, loss weightings, samplers, guiders, step caches, and
 * schedules and samplers from a `scheduler_config.json`. It contributes the same as the six plugins above together, so a
 * host takes either it or those.
 */
export const diffusion: Plugin = {
  manifest: {
    name: '@transfuse/plugins/diffusion',
    version: '0.0.0',
    api: '^1.0.0',
    provides: parts.flatMap(({ manifest }) => manifest.provides),
  },
  contributions: parts.flatMap(({ contributions }) => contributions),
};
