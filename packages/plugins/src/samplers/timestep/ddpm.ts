import type { Contribution, NoiseLevel, Sampler, SamplingRequest } from '@transfuse/core/contracts';
import { choiceSetting } from '../../schedules/setting.ts';
import { cleanLimit, type CleanLimitOptions, cleanLimitSchemas } from '../clean-limit.ts';
import { limitedClean } from './limited-clean.ts';
import { reversePosterior } from './reverse-posterior.ts';
import { createSamplingRun } from '../sampling-run.ts';
import { chainEvaluations, cleanLevel, rounding, timestepChain, type TimestepChain } from '../timestep-chain.ts';
import { plannedTimesteps, type SpacingOptions, spacingSchemas, spacingSettings } from '../time-spacing.ts';
import { weightedSum, type WeightedTerm } from '../weighted-sum.ts';

// Ancestral sampling (Ho et al. 2020, algorithm 2; over fewer steps as in Nichol and Dhariwal 2021, section 4), the
// sampler of the Transfusion paper: each step draws the next latent from the posterior given the network's clean image.
// It is stochastic; all of its randomness is handed in. See `reverse-posterior.ts` for the formula.

/** Settings of {@link createDdpmSampler}. */
export interface DdpmOptions extends SpacingOptions, CleanLimitOptions {
  /** The variance of each draw: the posterior's (`fixed_small`) or the forward process's (`fixed_large`). @default 'fixed_small' */
  readonly variance?: 'fixed_small' | 'fixed_large';
  /**
   * Whether the last step adds noise like every other: `none`, or `drawn` as diffusers does it, unless that step starts
   * at timestep 0. It matters with `fixed_large`, whose last draw would be visible noise. @default 'none'
   */
  readonly lastNoise?: 'none' | 'drawn';
}

/** The same, with nothing left open. */
type DdpmSettings = Required<DdpmOptions>;

const smallestVariance = 1e-20; // what diffusers keeps fixed_small above

/**
 * The DDPM sampler, over any schedule. With the same noise it follows diffusers' `DDPMScheduler` over every schedule of
 * discrete timesteps, its roundings included. Custom `timesteps` are taken; `sigmas` are not. A step calls `noise` once;
 * the last one only with `lastNoise` `drawn`.
 *
 * At the noisy end the clean estimate may carry a large error where it came from predicted noise (alpha is 4.9e-5 at the
 * cosine schedule's last timestep). A step weighs it by at most the next level's alpha, and spacing `leading` starts
 * before that last timestep (996 of 1000 with 250 steps, 900 with 10). For few steps with `trailing` or `linspace`
 * prefer velocity or sample prediction, or a `limit` for pixels.
 *
 * Throws `schedule.invalid` for a setting out of range; `begin` and `step` throw it as the contract says.
 *
 * @example
 * ```ts
 * import { createDdpmSampler } from '@transfuse/plugins/samplers';
 * import { createCosineSchedule } from '@transfuse/plugins/schedules';
 * const { evaluations } = createDdpmSampler().begin(createCosineSchedule(), { steps: 250 });
 * console.assert(evaluations.length === 250 && evaluations[0]?.time === 0.996 && evaluations[249]?.time === 0);
 * ```
 */
export function createDdpmSampler(options: DdpmOptions = {}): Sampler {
  const config: DdpmSettings = Object.freeze({
    variance: choiceSetting<'fixed_small' | 'fixed_large'>({
      place: 'ddpm.variance',
      value: options.variance,
      fallback: 'fixed_small',
      choices: ['fixed_small', 'fixed_large'],
    }),
    lastNoise: choiceSetting<'none' | 'drawn'>({
      place: 'ddpm.lastNoise',
      value: options.lastNoise,
      fallback: 'none',
      choices: ['none', 'drawn'],
    }),
    ...spacingSettings('ddpm', options),
    ...cleanLimit('ddpm', options),
  });
  return {
    name: 'ddpm',
    config: { ...config },
    begin(schedule, request: SamplingRequest) {
      const chain = timestepChain(schedule);
      const timesteps = plannedTimesteps(chain, request, { ...config, sampler: 'ddpm', custom: 'allowed' });
      const evaluations = chainEvaluations(chain, timesteps);
      const draws = ddpmDraws(chain, timesteps, config);
      return createSamplingRun({
        sampler: 'ddpm',
        evaluations,
        advance(index, state, estimate, noise) {
          const level = evaluations[index]?.level as NoiseLevel;
          const { latent, clean, deviation } = draws[index] as DdpmDraw;
          const mean: WeightedTerm[] = [
            [latent, state.latent],
            [clean, limitedClean(state.latent, estimate, level, config)],
          ];
          return { latent: weightedSum(deviation === 0 ? mean : [...mean, [deviation, noise()]]) };
        },
      });
    },
  };
}

/** What one step draws from: weights of the latent and the clean estimate, and a standard deviation. */
interface DdpmDraw {
  readonly latent: number;
  readonly clean: number;
  readonly deviation: number;
}

function ddpmDraws(chain: TimestepChain, timesteps: readonly number[], config: DdpmSettings): readonly DdpmDraw[] {
  const round = rounding(chain.precision);
  return timesteps.map((timestep, index) => {
    const next = timesteps[index + 1];
    const to = next === undefined ? cleanLevel : chain.level(next);
    const posterior = reversePosterior(chain.level(timestep), to, chain.precision);
    const { latent, clean, forwardVariance } = posterior;
    const variance =
      config.variance === 'fixed_large' ? forwardVariance : Math.max(posterior.variance, smallestVariance);
    const noisy = next !== undefined || (config.lastNoise === 'drawn' && timestep > 0);
    return { latent, clean, deviation: noisy ? round(Math.sqrt(variance)) : 0 };
  });
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
      lastNoise: {
        enum: ['none', 'drawn'],
        default: 'none',
        description: 'Whether the last step adds noise like every other.',
      },
      ...spacingSchemas,
      ...cleanLimitSchemas,
    },
  },
  create: (config) => createDdpmSampler(config as DdpmOptions),
};
