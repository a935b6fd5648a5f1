import type { Contribution, Sampler } from '@transfuse/core/contracts';
import { heldSlope } from './held-clean.ts';
import { type LadderOptions, ladderSchemas, ladderSettings } from './ladder-settings.ts';
import { logMean } from './log-mean.ts';
import { noiseAxis } from '../noise-axis.ts';
import { layLadder } from './sigma-ladder.ts';
import { createSigmaRun, keptAt } from './sigma-run.ts';
import { sigmaSpace } from './sigma-space.ts';
import { follow } from './sigma-step.ts';

// The second sampler of Crowson's k-diffusion in the manner of DPM-Solver-2 (Lu et al. 2022, arXiv 2206.00927) and of
// Karras et al. 2022, algorithm 2: the slope at the geometric mean of two noise levels, reached by an Euler step, carries
// the latent over the whole step. Two evaluations a step, one for the last, which ends at clean data.

/** Settings of {@link createKdpm2Sampler}. */
export type Kdpm2Options = LadderOptions;

/**
 * The KDPM2 sampler, deterministic, of convergence order 2, over any schedule. `steps` steps take `2 * steps - 1`
 * evaluations. Over a discrete schedule it is diffusers' `KDPM2DiscreteScheduler`, whose own default is spacing
 * `linspace`; with sigmas `karras` the network is told whole timesteps where a step begins, as there.
 *
 * Memory between the two evaluations of a step: the latent it began with.
 *
 * Throws `schedule.invalid` for a setting out of range, and `begin` for a request with timesteps or sigmas of its own.
 *
 * @example
 * ```ts
 * import { createKdpm2Sampler } from '@transfuse/plugins/samplers';
 * import { createCosineSchedule } from '@transfuse/plugins/schedules';
 * const run = createKdpm2Sampler({ sigmas: 'karras' }).begin(createCosineSchedule(), { steps: 10 });
 * console.assert(run.evaluations.length === 19 && run.steps.length === 10);
 * ```
 */
export function createKdpm2Sampler(options: Kdpm2Options = {}): Sampler {
  const config = Object.freeze(ladderSettings('kdpm2', options));
  return {
    name: 'kdpm2',
    config,
    begin(schedule, request) {
      const axis = noiseAxis(schedule);
      const plan = { ...config, sampler: 'kdpm2', custom: [], wholeTimesteps: true };
      const ladder = layLadder(schedule, axis, request, plan);
      const { sigmas, times, round } = ladder;
      const last = times.length - 1;
      const between = sigmas.map((sigma, i) => logMean(sigmas[i + 1] ?? 0, sigma, round));
      return createSigmaRun({
        ...config,
        sampler: 'kdpm2',
        space: sigmaSpace(axis),
        ladder,
        stops: times.flatMap((time, i) => {
          const first = { sigma: sigmas[i]!, time };
          return i === last ? [first] : [first, { sigma: between[i]! }];
        }),
        steps: times.map((_, i) => 2 * i),
        advance(index, point) {
          const i = index >> 1;
          const [from, to, middle] = [sigmas[i]!, sigmas[i + 1]!, between[i]!];
          const slope = heldSlope(point);
          if (index % 2 === 1) return { u: follow(keptAt(point, 0, 'kdpm2'), slope, round(to - from)) };
          if (i === last) return { u: follow(point.u, slope, round(to - from)) };
          return { u: follow(point.u, slope, round(middle - from)), kept: [point.u] };
        },
      });
    },
  };
}

/** The KDPM2 sampler as a plugin's contribution: `sampler`, `kdpm2`. */
export const kdpm2Contribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: 'kdpm2',
  description: 'A midpoint method in log sigma (DPM-Solver-2; k-diffusion), deterministic, two evaluations a step.',
  configSchema: { type: 'object', additionalProperties: false, properties: ladderSchemas },
  create: (config) => createKdpm2Sampler(config as Kdpm2Options),
};
