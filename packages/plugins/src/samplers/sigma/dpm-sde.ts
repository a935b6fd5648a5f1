import type { Contribution, Sampler } from '@transfuse/core/contracts';
import { numberSetting } from '../../schedules/setting.ts';
import { sdeStep } from './dpm-sde-step.ts';
import { heldClean, heldSlope } from './held-clean.ts';
import { type LadderOptions, ladderSchemas, ladderSettings } from './ladder-settings.ts';
import { noiseAxis } from '../noise-axis.ts';
import { layLadder } from './sigma-ladder.ts';
import { createSigmaRun, keptAt } from './sigma-run.ts';
import { sigmaSpace } from './sigma-space.ts';
import { blended, follow, noised } from './sigma-step.ts';

// The stochastic DPM-Solver++ of two stages (Lu et al. 2022, arXiv 2211.01095; Karras et al. 2022 on the noise; Crowson's
// k-diffusion). Both stages of a step ride on one Brownian path: what the first has drawn is part of what the second
// adds. `dpm-sde-step.ts` has the formulas.

/** Settings of {@link createDpmSdeSampler}. */
export interface DpmSdeOptions extends LadderOptions {
  /** What fresh noise is multiplied by, 0 to 100; 1 keeps the distribution. @default 1 */
  readonly noise?: number;
}

const noiseRange = { minimum: 0, maximum: 100 } as const;

/**
 * The DPM-SDE sampler, stochastic, over any schedule. `steps` steps take `2 * steps - 1` evaluations, each but the last
 * with fresh noise. Over a discrete schedule it is diffusers' `DPMSolverSDEScheduler`, whose own default is spacing
 * `linspace`.
 *
 * Memory between the two evaluations of a step: the latent it began with and the noise of the first stage.
 *
 * Throws `schedule.invalid` for a setting out of range, and `begin` for a request with timesteps or sigmas of its own.
 *
 * @example
 * ```ts
 * import { createDpmSdeSampler } from '@transfuse/plugins/samplers';
 * import { createCosineSchedule } from '@transfuse/plugins/schedules';
 * const run = createDpmSdeSampler({ sigmas: 'karras' }).begin(createCosineSchedule(), { steps: 10 });
 * console.assert(run.evaluations.length === 19 && run.steps.length === 10);
 * ```
 */
export function createDpmSdeSampler(options: DpmSdeOptions = {}): Sampler {
  const config = Object.freeze({
    ...ladderSettings('dpm-sde', options),
    noise: numberSetting({ place: 'dpm-sde.noise', value: options.noise, fallback: 1, ...noiseRange }),
  });
  return {
    name: 'dpm-sde',
    config,
    begin(schedule, request) {
      const axis = noiseAxis(schedule);
      const ladder = layLadder(schedule, axis, request, { ...config, sampler: 'dpm-sde', custom: [] });
      const { sigmas, times, round } = ladder;
      const space = sigmaSpace(axis);
      const last = times.length - 1;
      const stepped = times
        .slice(0, last)
        .map((_, i) => sdeStep(space, { from: sigmas[i]!, to: sigmas[i + 1]!, noise: config.noise, round }));
      return createSigmaRun({
        ...config,
        sampler: 'dpm-sde',
        space,
        ladder,
        stops: times.flatMap((time, i) => {
          const first = { sigma: sigmas[i]!, time };
          return i === last ? [first] : [first, { sigma: stepped[i]!.middle }];
        }),
        steps: times.map((_, i) => 2 * i),
        advance(index, point) {
          const { u, noise } = point;
          const step = stepped[index >> 1];
          if (step === undefined) {
            const slope = heldSlope(point);
            return { u: follow(u, slope, round(sigmas[last + 1]! - sigmas[last]!)) };
          }
          const clean = heldClean(point);
          if (index % 2 === 0) {
            const drawn = noise().slice();
            return { u: blended(u, clean, drawn, step.first), kept: [u, drawn] };
          }
          const [begun, drawn] = [keptAt(point, 0, 'dpm-sde'), keptAt(point, 1, 'dpm-sde')];
          const ridden = blended(begun, clean, drawn, step.second);
          return { u: noised(ridden, noise(), { deviation: step.second.rest }) };
        },
      });
    },
  };
}

/** The DPM-SDE sampler as a plugin's contribution: `sampler`, `dpm-sde`. */
export const dpmSdeContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: 'dpm-sde',
  description: 'The stochastic DPM-Solver++ of two stages (Lu et al. 2022; k-diffusion), two evaluations a step.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...ladderSchemas,
      noise: { type: 'number', ...noiseRange, default: 1, description: 'What fresh noise is multiplied by.' },
    },
  },
  create: (config) => createDpmSdeSampler(config as DpmSdeOptions),
};
