import type { Contribution, Sampler } from '@transfuse/core/contracts';
import { choiceSetting } from '../schedules/setting.ts';
import { createSamplingRun } from './sampling-run.ts';
import { type Spacing, spacings, spacingSchema } from './time-spacing.ts';
import { type Level, planTrajectory } from './trajectory.ts';

// Euler's method on the probability-flow ODE (Song et al. 2021, arXiv 2011.13456): hold the network's clean image and
// noise fixed and follow their path to the next level,
//   next = latent + (alpha_to - alpha_from) * clean + (sigma_to - sigma_from) * noise.
// For flow matching that is latent + (t_to - t_from) * (noise - clean). For variance-preserving schedules it is Euler's
// step in the scaled variables latent / alpha over sigma / alpha (Karras et al. 2022, algorithm 1; diffusers'
// `EulerDiscreteScheduler`): there scaled + (ratio_to - ratio_from) * noise, multiplied by alpha_to, becomes the line
// above as soon as latent = alpha_from * clean + sigma_from * noise, which holds for every estimate of the network. Put
// this way nothing is divided by an alpha near 0, and the latent is always what the network sees.

/** Settings of {@link createEulerSampler}. */
export interface EulerOptions {
  /** How evaluation times are spread over a discrete schedule. @default 'leading' */
  readonly spacing?: Spacing;
}

/**
 * The Euler sampler, deterministic, of convergence order 1, over any schedule. Over flow matching its times are
 * 1, 1 - 1 / steps, … and its steps those of diffusers' `FlowMatchEulerDiscreteScheduler` given just these sigmas. Over
 * the cosine schedule it follows `EulerDiscreteScheduler` at the same (whole) timesteps, started from the same unit noise;
 * there one step of it equals one of DDIM with eta 0.
 *
 * At the noisy end the clean estimate may carry a large error where it came from predicted noise (alpha is 4.9e-5 at the
 * cosine schedule's last timestep, 0 in flow matching at time 1). The step weighs it by the change of alpha: use
 * velocity prediction with flow matching, and with cosine and few steps keep spacing `leading` or predict velocity.
 *
 * Throws `schedule.invalid` for an unknown spacing; `begin` and `step` throw it as the contract says.
 *
 * @example
 * ```ts
 * import { createEulerSampler } from '@transfuse/plugins/samplers';
 * import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
 * const run = createEulerSampler().begin(createFlowMatchingSchedule(), { steps: 2 });
 * const estimate = { clean: Float32Array.of(3), noise: Float32Array.of(1) }; // the network's opinion: velocity -2
 * const { latent } = run.step(run.start(Float32Array.of(1)), estimate, () => 0);
 * console.assert(latent[0] === 2); // 1 + (0.5 - 1) * (1 - 3)
 * ```
 */
export function createEulerSampler(options: EulerOptions = {}): Sampler {
  const config = Object.freeze({
    spacing: choiceSetting({ place: 'euler.spacing', value: options.spacing, fallback: 'leading', choices: spacings }),
  });
  return {
    name: 'euler',
    config,
    begin(schedule, { steps }) {
      const trajectory = planTrajectory(schedule, { steps, spacing: config.spacing, sampler: 'euler' });
      return createSamplingRun('euler', trajectory, (index, latent, estimate) => {
        const from = trajectory.levels[index] as Level;
        const to = trajectory.levels[index + 1] as Level;
        const signal = to.alpha - from.alpha;
        const noise = to.sigma - from.sigma;
        return latent.map(
          (value, i) => value + signal * (estimate.clean[i] as number) + noise * (estimate.noise[i] as number),
        );
      });
    },
  };
}

/** The Euler sampler as a plugin's contribution: `sampler`, `euler`. */
export const eulerContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: 'euler',
  description: 'Euler’s method on the probability-flow ODE, deterministic: the usual sampler of flow matching.',
  configSchema: { type: 'object', additionalProperties: false, properties: { spacing: spacingSchema } },
  create: (config) => createEulerSampler(config as EulerOptions),
};
