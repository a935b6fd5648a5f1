import type { Contribution, Sampler } from '@transfuse/core/contracts';
import { type CleanLimitOptions, cleanLimit, cleanLimitSchemas, limitClean } from '../clean-limit.ts';
import { heldClean, heldSlope } from './held-clean.ts';
import { type LadderOptions, ladderSchemas, ladderSettings } from './ladder-settings.ts';
import { noiseAxis } from '../noise-axis.ts';
import { layLadder } from './sigma-ladder.ts';
import { createSigmaRun, keptAt } from './sigma-run.ts';
import { sigmaSpace } from './sigma-space.ts';
import { follow, followMean, slopeAt } from './sigma-step.ts';

// Heun's method on the probability-flow ODE (Karras et al. 2022, algorithm 1): an Euler step to the next noise level,
// the slope there, and then the step anew with the mean of both slopes. Two evaluations a step, one for the last, which
// ends at clean data where there is no slope.

/** Settings of {@link createHeunSampler}. */
export type HeunOptions = LadderOptions & CleanLimitOptions;

/**
 * The Heun sampler, deterministic, of convergence order 2, over any schedule. `steps` steps take `2 * steps - 1`
 * evaluations. Over a discrete schedule it is diffusers' `HeunDiscreteScheduler`, whose own default is spacing
 * `linspace`. A request may bring `timesteps`.
 *
 * Memory between the two evaluations of a step: the latent it began with and its first slope.
 *
 * Throws `schedule.invalid` for a setting out of range, and `begin` for a request with sigmas of its own.
 *
 * @example
 * ```ts
 * import { createHeunSampler } from '@transfuse/plugins/samplers';
 * import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
 * const run = createHeunSampler().begin(createFlowMatchingSchedule(), { steps: 3 });
 * console.assert(run.evaluations.length === 5 && run.steps.join() === '0,2,4');
 * ```
 */
export function createHeunSampler(options: HeunOptions = {}): Sampler {
  const config = Object.freeze({ ...ladderSettings('heun', options), ...cleanLimit('heun', options) });
  return {
    name: 'heun',
    config,
    begin(schedule, request) {
      const axis = noiseAxis(schedule);
      const ladder = layLadder(schedule, axis, request, { ...config, sampler: 'heun', custom: ['timesteps'] });
      const { sigmas, times, round } = ladder;
      const last = times.length - 1;
      return createSigmaRun({
        ...config,
        sampler: 'heun',
        space: sigmaSpace(axis),
        ladder,
        stops: times.flatMap((time, i) => {
          const stop = { sigma: sigmas[i]!, time };
          return i === 0 ? [stop] : [stop, stop]; // the end of a step and the beginning of the next
        }),
        steps: times.map((_, i) => 2 * i),
        advance(index, point) {
          const i = index >> 1;
          const slope =
            config.limit === 'none'
              ? heldSlope(point)
              : slopeAt(point.u, limitClean({ clean: heldClean(point) }, config), point.sigma);
          const width = round(sigmas[i + 1]! - sigmas[i]!);
          if (index % 2 === 1) {
            return { u: followMean(keptAt(point, 0, 'heun'), [keptAt(point, 1, 'heun'), slope], width) };
          }
          if (i === last) return { u: follow(point.u, slope, width) };
          return { u: follow(point.u, slope, width), kept: [point.u, slope] };
        },
      });
    },
  };
}

/** The Heun sampler as a plugin's contribution: `sampler`, `heun`. */
export const heunContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: 'heun',
  description: 'Heun’s method on the probability-flow ODE (Karras et al. 2022), deterministic, two evaluations a step.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: { ...ladderSchemas, ...cleanLimitSchemas },
  },
  create: (config) => createHeunSampler(config as HeunOptions),
};
