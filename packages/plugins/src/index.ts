import type { Plugin } from '@transfuse/core/contracts';
import { samplers } from './samplers/index.ts';
import { schedules } from './schedules/index.ts';

// The plugins that come with Transfuse. Most people want `diffusion`; the finer ones exist for hosts that bring schedules
// or samplers of their own under the same names.

export { samplers } from './samplers/index.ts';
export { schedules } from './schedules/index.ts';

/**
 * Everything diffusion needs in one plugin: the noise schedules `cosine` and `flow-matching` and the samplers `ddpm`,
 * `ddim` and `euler`. It contributes the same as `schedules` and `samplers`, so a host takes either it or those two.
 */
export const diffusion: Plugin = {
  manifest: {
    name: '@transfuse/plugins/diffusion',
    version: '0.0.0',
    api: '^1.0.0',
    provides: [...schedules.manifest.provides, ...samplers.manifest.provides],
  },
  contributions: [...schedules.contributions, ...samplers.contributions],
};
