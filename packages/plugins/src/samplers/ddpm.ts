import type { Contribution, Sampler } from '@transfuse/core/contracts';
import { choiceSetting, numberSetting } from '../schedules/setting.ts';
import { reversePosterior } from './reverse-posterior.ts';
import { createSamplingRun } from './sampling-run.ts';
import { type Spacing, spacings, spacingSchema } from './time-spacing.ts';
import { type Level, planTrajectory } from './trajectory.ts';

// Ancestral sampling (Ho et al. 2020, algorithm 2; over fewer steps as in Nichol and Dhariwal 2021, section 4), the
// sampler of the Transfusion paper: each step draws the next latent from the posterior given the network's clean image.
// It is stochastic; all of its randomness is handed in. See `reverse-posterior.ts` for the formula.

/** Settings of {@link createDdpmSampler}. */
export interface DdpmOptions {
  /** The variance of each draw: the posterior's (`fixed_small`) or the forward process's (`fixed_large`). @default 'fixed_small' */
  readonly variance?: 'fixed_small' | 'fixed_large';
  /** How evaluation times are spread over a discrete schedule. @default 'leading' */
  readonly spacing?: Spacing;
  /** Whether the clean estimate is clamped to ±`clipSampleRange`: right for pixels, wrong for a VAE's latents. @default false */
  readonly clipSample?: boolean;
  /** The bound that `clipSample` clamps to, above 0, at most 1e6. @default 1 */
  readonly clipSampleRange?: number;
}

/**
 * The DDPM sampler, over any schedule. With the cosine schedule and the same noise it follows diffusers' `DDPMScheduler`.
 * One difference: the last step never adds noise, whereas diffusers adds some with `fixed_large` and spacing `trailing`.
 * A step takes one number of `normal` per latent element, in order; the last step takes none.
 *
 * At the noisy end the clean estimate may carry a large error where it came from predicted noise (alpha is 4.9e-5 at the
 * cosine schedule's last timestep). A step weighs it by at most the next level's alpha, and spacing `leading` starts
 * before that last timestep (996 of 1000 with 250 steps, 900 with 10). For few steps with `trailing` or `linspace`
 * prefer velocity or sample prediction, or `clipSample` for pixels.
 *
 * Throws `schedule.invalid` for a setting out of range; `begin` and `step` throw it as the contract says.
 *
 * @example
 * ```ts
 * import { createDdpmSampler } from '@transfuse/plugins/samplers';
 * import { createCosineSchedule } from '@transfuse/plugins/schedules';
 * const run = createDdpmSampler().begin(createCosineSchedule(), { steps: 250 });
 * console.assert(run.times.length === 250 && run.times[0] === 0.996 && run.times[249] === 0);
 * ```
 */
export function createDdpmSampler(options: DdpmOptions = {}): Sampler {
  const config = Object.freeze({
    variance: choiceSetting<'fixed_small' | 'fixed_large'>({
      place: 'ddpm.variance',
      value: options.variance,
      fallback: 'fixed_small',
      choices: ['fixed_small', 'fixed_large'],
    }),
    spacing: choiceSetting({ place: 'ddpm.spacing', value: options.spacing, fallback: 'leading', choices: spacings }),
    clipSample: choiceSetting<boolean>({
      place: 'ddpm.clipSample',
      value: options.clipSample,
      fallback: false,
      choices: [false, true],
    }),
    clipSampleRange: numberSetting({
      place: 'ddpm.clipSampleRange',
      value: options.clipSampleRange,
      fallback: 1,
      minimum: 1e-6,
      maximum: 1e6,
    }),
  });
  const bound = config.clipSample ? config.clipSampleRange : Infinity;
  return {
    name: 'ddpm',
    config,
    begin(schedule, { steps }) {
      const trajectory = planTrajectory(schedule, { steps, spacing: config.spacing, sampler: 'ddpm' });
      return createSamplingRun('ddpm', trajectory, (index, latent, estimate, normal) => {
        const from = trajectory.levels[index] as Level;
        const to = trajectory.levels[index + 1] as Level;
        const posterior = reversePosterior(from, to);
        const variance = config.variance === 'fixed_small' ? posterior.variance : posterior.forwardVariance;
        const deviation = index === steps - 1 ? 0 : Math.sqrt(variance);
        return latent.map((value, i) => {
          const clean = Math.min(bound, Math.max(-bound, estimate.clean[i] as number));
          const mean = posterior.latent * value + posterior.clean * clean;
          return deviation === 0 ? mean : mean + deviation * normal();
        });
      });
    },
  };
}

/** The DDPM sampler as a plugin's contribution: `sampler`, `ddpm`. */
export const ddpmContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: 'ddpm',
  description: 'Ancestral sampling (Ho et al. 2020), stochastic: the paper’s sampler, at its best with many steps.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      variance: {
        enum: ['fixed_small', 'fixed_large'],
        default: 'fixed_small',
        description: 'The variance of each draw: the posterior’s or the forward process’s.',
      },
      spacing: spacingSchema,
      clipSample: {
        type: 'boolean',
        default: false,
        description: 'Clamp the clean estimate, for pixels; not for the latents of a VAE.',
      },
      clipSampleRange: {
        type: 'number',
        minimum: 1e-6,
        maximum: 1e6,
        default: 1,
        description: 'The bound that clipSample clamps to.',
      },
    },
  },
  create: (config) => createDdpmSampler(config as DdpmOptions),
};
