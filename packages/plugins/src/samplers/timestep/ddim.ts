import type { Contribution, NoiseLevel, Sampler } from '@transfuse/core/contracts';
import { choiceSetting, numberSetting } from '../../schedules/setting.ts';
import { cleanLimit, type CleanLimitOptions, cleanLimitSchemas } from '../clean-limit.ts';
import { limitedClean } from './limited-clean.ts';
import { reversePosterior } from './reverse-posterior.ts';
import { type RunEnd, runEndLevel, runEndSchema, runEndSetting } from './run-end.ts';
import { createSamplingRun } from '../sampling-run.ts';
import { chainEvaluations, type ChainLevel, rounding, timestepChain, type TimestepChain } from '../timestep-chain.ts';
import { plannedTimesteps, type SpacingOptions, spacingSchemas, spacingSettings } from '../time-spacing.ts';
import { weightedSum, type WeightedTerm } from '../weighted-sum.ts';

// Denoising diffusion implicit models (Song et al. 2021, equations 12 and 16): each step lays the network's clean image
// and noise together again at the next noise level, next = alpha * clean + sqrt(sigma² - d²) * noise + d * fresh noise,
// where d is eta times the posterior's standard deviation. Deterministic at eta 0, DDPM-like at eta 1.

/** Settings of {@link createDdimSampler}. */
export interface DdimOptions extends SpacingOptions, CleanLimitOptions {
  /** The share of fresh noise, 0 (deterministic) to 1 (as DDPM with its small variance). @default 0 */
  readonly eta?: number;
  /** Where the last step ends: at clean data (diffusers' `set_alpha_to_one`), or at the schedule's level of time 0. @default 'clean' */
  readonly end?: RunEnd;
  /**
   * Where a step over a discrete schedule ends: where the `next` one begins, or one `stride` of floor(T / steps) below
   * its start, as diffusers has it, which misses the next start with spacing `linspace`, and with `trailing` where
   * `steps` does not divide T. @default 'next'
   */
  readonly landing?: 'next' | 'stride';
  /**
   * Which noise a step carries on: the network's (`predicted`), or the one that belongs to the clean estimate after its
   * `limit` (`consistent`, diffusers' `use_clipped_model_output`). @default 'predicted'
   */
  readonly direction?: 'predicted' | 'consistent';
}

/** The same, with nothing left open. */
type DdimSettings = Required<DdimOptions>;

/**
 * The DDIM sampler, over any schedule. With landing `stride` it follows diffusers' `DDIMScheduler` over every schedule of
 * discrete timesteps, its roundings included. Custom `timesteps` and `sigmas` are not taken. A step calls `noise` once
 * if eta is above 0 and noise is left at its end.
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
 * const { evaluations } = createDdimSampler({ spacing: 'trailing' }).begin(createCosineSchedule(), { steps: 50 });
 * console.assert(evaluations.length === 50 && evaluations[0]?.time === 0.999);
 * ```
 */
export function createDdimSampler(options: DdimOptions = {}): Sampler {
  const config: DdimSettings = Object.freeze({
    eta: numberSetting({ place: 'ddim.eta', value: options.eta, fallback: 0, minimum: 0, maximum: 1 }),
    end: runEndSetting('ddim', options.end),
    landing: choiceSetting<'next' | 'stride'>({
      place: 'ddim.landing',
      value: options.landing,
      fallback: 'next',
      choices: ['next', 'stride'],
    }),
    direction: choiceSetting<'predicted' | 'consistent'>({
      place: 'ddim.direction',
      value: options.direction,
      fallback: 'predicted',
      choices: ['predicted', 'consistent'],
    }),
    ...spacingSettings('ddim', options),
    ...cleanLimit('ddim', options),
  });
  return {
    name: 'ddim',
    config: { ...config },
    begin(schedule, request) {
      const chain = timestepChain(schedule);
      const timesteps = plannedTimesteps(chain, request, { ...config, sampler: 'ddim', custom: 'refused' });
      const evaluations = chainEvaluations(chain, timesteps);
      const moves = ddimMoves(chain, timesteps, config);
      return createSamplingRun({
        sampler: 'ddim',
        evaluations,
        advance(index, state, estimate, noise) {
          const level = evaluations[index]?.level as NoiseLevel;
          const { clean, direction, latent, deviation } = moves[index] as DdimMove;
          const terms: WeightedTerm[] = [
            [clean, limitedClean(state.latent, estimate, level, config)],
            config.direction === 'predicted' ? [direction, estimate.noise] : [latent, state.latent],
          ];
          return { latent: weightedSum(deviation === 0 ? terms : [...terms, [deviation, noise()]]) };
        },
      });
    },
  };
}

/** The weights of one step; of `direction` (of the predicted noise) and `latent` only one is used. */
interface DdimMove {
  readonly clean: number;
  readonly direction: number;
  readonly latent: number;
  readonly deviation: number;
}

function ddimMoves(chain: TimestepChain, timesteps: readonly number[], config: DdimSettings): readonly DdimMove[] {
  const round = rounding(chain.precision);
  const stride = Math.floor(chain.timesteps / timesteps.length);
  const strides = config.landing === 'stride' && chain.whole;
  return timesteps.map((timestep, index) => {
    const landing = strides ? timestep - stride : (timesteps[index + 1] ?? -1);
    const from = chain.level(timestep);
    const to = landing < 0 ? runEndLevel(chain, config.end) : chain.level(landing);
    const { variance } = reversePosterior(from, to, chain.precision);
    const deviation = round(round(config.eta) * round(Math.sqrt(variance)));
    const square = round(round(to.noise) - round(deviation * deviation));
    const direction = round(Math.sqrt(Math.max(0, square)));
    const signal = round(Math.sqrt(to.signal));
    if (config.direction === 'predicted') return { clean: signal, direction, latent: 0, deviation };
    return { ...consistentWeights(from, { signal, direction }), direction: 0, deviation };
  });
}

/** With noise = (latent - alpha clean) / sigma put in, the step is a sum over the clean estimate and the latent. */
function consistentWeights(from: ChainLevel, { signal, direction }: { signal: number; direction: number }) {
  const latent = direction / Math.sqrt(from.noise);
  return { clean: signal - latent * Math.sqrt(from.signal), latent };
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
      end: runEndSchema,
      landing: {
        enum: ['next', 'stride'],
        default: 'next',
        description: 'Whether a step ends where the next begins, or one whole stride below its own start.',
      },
      direction: {
        enum: ['predicted', 'consistent'],
        default: 'predicted',
        description:
          'Whether a step carries on the predicted noise, or the noise that fits the limited clean estimate.',
      },
      ...spacingSchemas,
      ...cleanLimitSchemas,
    },
  },
  create: (config) => createDdimSampler(config as DdimOptions),
};
