import type { Contribution, Sampler } from '@transfuse/core/contracts';
import { ancestralSplit } from './ancestral-split.ts';
import { heldSlope } from './held-clean.ts';
import { type LadderOptions, ladderSchemas, ladderSettings } from './ladder-settings.ts';
import { logMean } from './log-mean.ts';
import { noiseAxis } from '../noise-axis.ts';
import { layLadder } from './sigma-ladder.ts';
import { createSigmaRun, keptAt } from './sigma-run.ts';
import { sigmaSpace } from './sigma-space.ts';
import { follow, noised } from './sigma-step.ts';

// The ancestral sibling of KDPM2 (Crowson's k-diffusion): its midpoint step goes below the next noise level, to to² / from,
// with the slope at the geometric mean of where it begins and where it goes; fresh noise lifts the latent back up.

/** Settings of {@link createKdpm2AncestralSampler}. */
export type Kdpm2AncestralOptions = LadderOptions;

/**
 * The ancestral KDPM2 sampler, stochastic, over any schedule. `steps` steps take `2 * steps - 1` evaluations; the second
 * evaluation of a step takes fresh noise. Over a discrete schedule it is diffusers' `KDPM2AncestralDiscreteScheduler`,
 * whose own default is spacing `linspace`; with sigmas `karras` the network is told whole timesteps where a step begins.
 *
 * Memory between the two evaluations of a step: the latent it began with.
 *
 * Throws `schedule.invalid` for a setting out of range, and `begin` for a request with timesteps or sigmas of its own.
 *
 * @example
 * ```ts
 * import { createKdpm2AncestralSampler } from '@transfuse/plugins/samplers';
 * import { createCosineSchedule } from '@transfuse/plugins/schedules';
 * const run = createKdpm2AncestralSampler().begin(createCosineSchedule(), { steps: 4 });
 * console.assert(run.evaluations.length === 7 && run.steps.join() === '0,2,4,6');
 * ```
 */
export function createKdpm2AncestralSampler(options: Kdpm2AncestralOptions = {}): Sampler {
  const sampler = 'kdpm2-ancestral';
  const config = Object.freeze(ladderSettings(sampler, options));
  return {
    name: sampler,
    config,
    begin(schedule, request) {
      const axis = noiseAxis(schedule);
      const ladder = layLadder(schedule, axis, request, { ...config, sampler, custom: [], wholeTimesteps: true });
      const { sigmas, times, round } = ladder;
      const space = sigmaSpace(axis);
      const last = times.length - 1;
      const splits = times.map((_, i) => {
        const [from, to] = [sigmas[i]!, sigmas[i + 1]!];
        const split = ancestralSplit(space, from, to, round);
        // From far above, float32 leaves nothing of `down`; then the mean is taken with the exact one.
        return { ...split, between: logMean(from, split.down || (to * to) / from, round) };
      });
      return createSigmaRun({
        ...config,
        sampler,
        space,
        ladder,
        stops: times.flatMap((time, i) => {
          const first = { sigma: sigmas[i]!, time };
          return i === last ? [first] : [first, { sigma: splits[i]!.between }];
        }),
        steps: times.map((_, i) => 2 * i),
        advance(index, point) {
          const i = index >> 1;
          const from = sigmas[i]!;
          const { between, down, kept, up } = splits[i]!;
          const slope = heldSlope(point);
          if (index % 2 === 1) {
            const below = follow(keptAt(point, 0, sampler), slope, round(down - from));
            return { u: noised(below, point.noise(), { kept, deviation: up }) };
          }
          if (i === last) return { u: follow(point.u, slope, round(sigmas[i + 1]! - from)) };
          return { u: follow(point.u, slope, round(between - from)), kept: [point.u] };
        },
      });
    },
  };
}

/** The ancestral KDPM2 sampler as a plugin's contribution: `sampler`, `kdpm2-ancestral`. */
export const kdpm2AncestralContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: 'kdpm2-ancestral',
  description: 'Ancestral sampling with midpoint steps (k-diffusion), stochastic, two evaluations a step.',
  configSchema: { type: 'object', additionalProperties: false, properties: ladderSchemas },
  create: (config) => createKdpm2AncestralSampler(config as Kdpm2AncestralOptions),
};
