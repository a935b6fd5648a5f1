import type { Contribution, Sampler } from '@transfuse/core/contracts';
import { ancestralSplit } from './ancestral-split.ts';
import { heldSlope } from './held-clean.ts';
import { type LadderOptions, ladderSchemas, ladderSettings } from './ladder-settings.ts';
import { noiseAxis } from '../noise-axis.ts';
import { layLadder } from './sigma-ladder.ts';
import { createSigmaRun } from './sigma-run.ts';
import { sigmaSpace } from './sigma-space.ts';
import { follow, noised } from './sigma-step.ts';

// Ancestral sampling with Euler steps (Ho et al. 2020 in the variables of Karras et al. 2022; Crowson's k-diffusion):
// a step of the probability-flow ODE goes below the next noise level, fresh noise lifts the latent back to it.

/** Settings of {@link createEulerAncestralSampler}. */
export type EulerAncestralOptions = LadderOptions;

/**
 * The ancestral Euler sampler, stochastic, over any schedule. Over a discrete schedule it is diffusers'
 * `EulerAncestralDiscreteScheduler`, whose own default is spacing `linspace`; over flow matching it is its
 * rectified-flow form. Every step but the last takes fresh noise.
 *
 * Throws `schedule.invalid` for a setting out of range, and `begin` for a request with timesteps or sigmas of its own.
 *
 * @example
 * ```ts
 * import { createEulerAncestralSampler } from '@transfuse/plugins/samplers';
 * import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
 * const run = createEulerAncestralSampler().begin(createFlowMatchingSchedule(), { steps: 10 });
 * console.assert(run.evaluations.length === 10 && run.evaluations[9].time < 0.11);
 * ```
 */
export function createEulerAncestralSampler(options: EulerAncestralOptions = {}): Sampler {
  const sampler = 'euler-ancestral';
  const config = Object.freeze(ladderSettings(sampler, options));
  return {
    name: sampler,
    config,
    begin(schedule, request) {
      const axis = noiseAxis(schedule);
      const ladder = layLadder(schedule, axis, request, { ...config, sampler, custom: [] });
      const { sigmas, times, round } = ladder;
      const space = sigmaSpace(axis);
      const splits = times.map((_, i) => ancestralSplit(space, sigmas[i]!, sigmas[i + 1]!, round));
      return createSigmaRun({
        ...config,
        sampler,
        space,
        ladder,
        stops: times.map((time, i) => ({ sigma: sigmas[i]!, time })),
        advance(index, point) {
          const { down, kept, up } = splits[index]!;
          const slope = heldSlope(point);
          const below = follow(point.u, slope, round(down - point.sigma));
          if (index === times.length - 1) return { u: below };
          return { u: noised(below, point.noise(), { kept, deviation: up }) };
        },
      });
    },
  };
}

/** The ancestral Euler sampler as a plugin's contribution: `sampler`, `euler-ancestral`. */
export const eulerAncestralContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: 'euler-ancestral',
  description:
    'Ancestral sampling with Euler steps (Karras et al. 2022; k-diffusion): stochastic, one evaluation a step.',
  configSchema: { type: 'object', additionalProperties: false, properties: ladderSchemas },
  create: (config) => createEulerAncestralSampler(config as EulerAncestralOptions),
};
