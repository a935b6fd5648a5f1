import type { Contribution, Sampler } from '@transfuse/core/contracts';
import { choiceSetting, numberSetting } from '../schedules/setting.ts';
import { reversePosterior } from './reverse-posterior.ts';
import { createSamplingRun } from './sampling-run.ts';
import { type Spacing, spacings, spacingSchema } from './time-spacing.ts';
import { type Level, planTrajectory } from './trajectory.ts';

// Denoising diffusion implicit models (Song et al. 2021, equations 12 and 16): each step lays the network's clean image
// and noise together again at the next noise level, next = alpha * clean + sqrt(sigma² - d²) * noise + d * fresh noise,
// where d is eta times the posterior's standard deviation. Deterministic at eta 0, DDPM-like at eta 1.

/** Settings of {@link createDdimSampler}. */
export interface DdimOptions {
  /** The share of fresh noise, 0 (deterministic) to 1 (as DDPM with its small variance). @default 0 */
  readonly eta?: number;
  /** How evaluation times are spread over a discrete schedule. @default 'leading' */
  readonly spacing?: Spacing;
  /** Where the last step ends: at clean data (diffusers' `set_alpha_to_one`), or at the schedule's level of time 0. @default 'clean' */
  readonly end?: 'clean' | 'first-timestep';
}

/**
 * The DDIM sampler, over any schedule. With the cosine schedule it follows diffusers' `DDIMScheduler`, save that every
 * step ends exactly where the next begins; diffusers subtracts `floor(T / steps)` instead, which misses the next
 * timestep with spacing `linspace`, or `trailing` where `steps` does not divide T.
 * A step takes one number of `normal` per latent element, in order, if eta is above 0 and noise is left at its end.
 *
 * At the noisy end the clean estimate may carry a large error where it came from predicted noise (alpha is 4.9e-5 at the
 * cosine schedule's last timestep, which spacings `trailing` and `linspace` begin with). The step weighs it by the next
 * level's alpha: with few steps prefer velocity or sample prediction there, or keep `leading`.
 *
 * Throws `schedule.invalid` for a setting out of range; `begin` and `step` throw it as the contract says.
 *
 * @example
 * ```ts
 * import { createDdimSampler } from '@transfuse/plugins/samplers';
 * import { createCosineSchedule } from '@transfuse/plugins/schedules';
 * const run = createDdimSampler({ spacing: 'trailing' }).begin(createCosineSchedule(), { steps: 50 });
 * console.assert(run.times.length === 50 && run.times[0] === 0.999);
 * ```
 */
export function createDdimSampler(options: DdimOptions = {}): Sampler {
  const config = Object.freeze({
    eta: numberSetting({ place: 'ddim.eta', value: options.eta, fallback: 0, minimum: 0, maximum: 1 }),
    spacing: choiceSetting({ place: 'ddim.spacing', value: options.spacing, fallback: 'leading', choices: spacings }),
    end: choiceSetting<'clean' | 'first-timestep'>({
      place: 'ddim.end',
      value: options.end,
      fallback: 'clean',
      choices: ['clean', 'first-timestep'],
    }),
  });
  return {
    name: 'ddim',
    config,
    begin(schedule, { steps }) {
      const trajectory = planTrajectory(schedule, { steps, spacing: config.spacing, end: config.end, sampler: 'ddim' });
      return createSamplingRun('ddim', trajectory, (index, latent, estimate, normal) => {
        const from = trajectory.levels[index] as Level;
        const to = trajectory.levels[index + 1] as Level;
        const variance = config.eta ** 2 * reversePosterior(from, to).variance;
        const deviation = Math.sqrt(variance);
        const direction = Math.sqrt(Math.max(0, to.sigma ** 2 - variance));
        return latent.map((_, i) => {
          const mean = to.alpha * (estimate.clean[i] as number) + direction * (estimate.noise[i] as number);
          return deviation === 0 ? mean : mean + deviation * normal();
        });
      });
    },
  };
}

/** The DDIM sampler as a plugin's contribution: `sampler`, `ddim`. */
export const ddimContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: 'ddim',
  description: 'Denoising diffusion implicit models (Song et al. 2021): deterministic by default, good with few steps.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      eta: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        default: 0,
        description: 'The share of fresh noise: 0 is deterministic, 1 is as DDPM.',
      },
      spacing: spacingSchema,
      end: {
        enum: ['clean', 'first-timestep'],
        default: 'clean',
        description: 'Whether the last step ends at clean data or at the schedule’s level of time 0.',
      },
    },
  },
  create: (config) => createDdimSampler(config as DdimOptions),
};
