import type { Contribution, Sampler } from '@transfuse/core/contracts';
import { type EulerOptions, eulerSchemas, eulerSettings } from './euler-settings.ts';
import { raisedPoint } from './euler-churn.ts';
import { noiseAxis } from '../noise-axis.ts';
import { layLadder } from './sigma-ladder.ts';
import { createSigmaRun } from './sigma-run.ts';
import { sigmaSpace } from './sigma-space.ts';
import { follow } from './sigma-step.ts';

// Euler's method on the probability-flow ODE (Song et al. 2021, arXiv 2011.13456; Karras et al. 2022, algorithm 2 without
// its second stage): hold the network's clean image and noise fixed and follow their path to the next noise level. For
// flow matching that is latent + (t_to - t_from) * (noise - clean). With churn every step first adds fresh noise.

/**
 * The Euler sampler, of convergence order 1, over any schedule; deterministic unless `churn` is above 0. Over flow
 * matching its times are 1, 1 - 1 / steps, … Over a discrete schedule it is diffusers' `EulerDiscreteScheduler`, whose
 * own default is spacing `linspace`. A request may bring `timesteps`, or `sigmas` with the end as the last of them.
 *
 * At the noisy end the clean estimate may carry a large error where it came from predicted noise (alpha is 4.9e-5 at the
 * cosine schedule's last timestep, 0 in flow matching at time 1): use velocity prediction with flow matching, and with
 * cosine and few steps keep spacing `leading` or predict velocity.
 *
 * Throws `schedule.invalid` for a setting out of range; `begin` and `step` throw it as the contract says.
 *
 * @example
 * ```ts
 * import { createEulerSampler } from '@transfuse/plugins/samplers';
 * import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
 * const run = createEulerSampler().begin(createFlowMatchingSchedule(), { steps: 2 });
 * const estimate = { clean: Float32Array.of(3), noise: Float32Array.of(1) }; // the network's opinion: velocity -2
 * const { latent } = run.step(run.start(Float32Array.of(1)), estimate, () => Float32Array.of(0));
 * console.assert(latent[0] === 2); // 1 + (0.5 - 1) * (1 - 3)
 * ```
 */
export function createEulerSampler(options: EulerOptions = {}): Sampler {
  const settings = eulerSettings(options);
  const { churnMaximum, ...bounded } = settings; // no bound has no number in a file
  const config = Object.freeze(churnMaximum === Infinity ? bounded : settings);
  const angle = config.told === 'angle';
  return {
    name: 'euler',
    config,
    begin(schedule, request) {
      const axis = noiseAxis(schedule);
      const custom = angle ? (['sigmas'] as const) : (['timesteps', 'sigmas'] as const);
      const laid = layLadder(schedule, axis, request, { ...config, sampler: 'euler', custom });
      const ladder = angle ? { ...laid, times: laid.sigmas.slice(0, -1).map(angleOf) } : laid;
      const { sigmas, times, round } = ladder;
      const space = sigmaSpace(axis);
      const { spacing, prediction } = config;
      return createSigmaRun({
        sampler: 'euler',
        space,
        ladder,
        spacing,
        prediction,
        stops: times.map((time, i) => ({ sigma: sigmas[i]!, time })),
        advance(index, point) {
          const at = { sigma: sigmas[index]!, count: sigmas.length - 1, prediction };
          const { u, sigma, slope } = raisedPoint(space, point, at, settings);
          return { u: follow(u, slope, round(sigmas[index + 1]! - sigma)) };
        },
      });
    },
  };
}

function angleOf(sigma: number): number {
  return (2 / Math.PI) * Math.atan(sigma);
}

/** The Euler sampler as a plugin's contribution: `sampler`, `euler`. */
export const eulerContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: 'euler',
  description: 'Euler’s method on the probability-flow ODE (Karras et al. 2022): the usual sampler of flow matching.',
  configSchema: { type: 'object', additionalProperties: false, properties: eulerSchemas },
  create: (config) => createEulerSampler(config as EulerOptions),
};

export type { EulerOptions } from './euler-settings.ts';
