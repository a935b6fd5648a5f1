import type { Contribution, NoiseLevel, Sampler } from '@transfuse/core/contracts';
import { numberSetting } from '../../schedules/setting.ts';
import { cleanLimit, type CleanLimitOptions, cleanLimitSchemas } from '../clean-limit.ts';
import {
  type DistilledOptions,
  distilledSchemas,
  distilledSettings,
  distilledTimesteps,
} from './distilled-timesteps.ts';
import { limitedClean } from './limited-clean.ts';
import { createSamplingRun } from '../sampling-run.ts';
import { chainEvaluations, timestepChain, type TimestepChain } from '../timestep-chain.ts';
import { weightedSum, type WeightedTerm } from '../weighted-sum.ts';

// Multistep sampling of latent consistency models (Luo et al. 2023, arXiv 2310.04378, algorithm 3): the network's clean
// estimate, joined to the latent by the boundary condition of consistency models (Song et al. 2023, section 5), is the
// image already; each further step adds fresh noise of a lower level to it and lets the network see it again.

/** Settings of {@link createLcmSampler}. */
export interface LcmOptions extends DistilledOptions, CleanLimitOptions {
  /**
   * The factor s of the boundary condition, whose weights at timestep n are `0.25 / ((s n)² + 0.25)` for the latent and
   * `s n / sqrt((s n)² + 0.25)` for the clean estimate. 1e-6 to 1e6. @default 10
   */
  readonly timestepScaling?: number;
}

const deviationOfData = 0.5; // of the boundary condition

/**
 * The LCM sampler, over any schedule, for networks distilled into consistency models. It follows diffusers'
 * `LCMScheduler` over every schedule of discrete timesteps. Custom `timesteps` are taken; `sigmas` are not. Every step
 * but the last calls `noise` once.
 *
 * Throws `schedule.invalid` for a setting out of range; `begin` and `step` throw it as the contract says.
 *
 * @example
 * ```ts
 * import { createLcmSampler } from '@transfuse/plugins/samplers';
 * import { createCosineSchedule } from '@transfuse/plugins/schedules';
 * const { evaluations } = createLcmSampler().begin(createCosineSchedule(), { steps: 4 });
 * console.assert(evaluations.map(({ time }) => Math.round(time * 1000)).join() === '999,759,499,259');
 * ```
 */
export function createLcmSampler(options: LcmOptions = {}): Sampler {
  const config = Object.freeze({
    ...distilledSettings('lcm', options),
    timestepScaling: numberSetting({
      place: 'lcm.timestepScaling',
      value: options.timestepScaling,
      fallback: 10,
      minimum: 1e-6,
      maximum: 1e6,
    }),
    ...cleanLimit('lcm', options),
  });
  return {
    name: 'lcm',
    config: { ...config },
    begin(schedule, request) {
      const chain = timestepChain(schedule);
      const timesteps = distilledTimesteps(chain, request, { ...config, sampler: 'lcm' });
      const evaluations = chainEvaluations(chain, timesteps);
      const jumps = timesteps.map((_, index) => lcmJump(chain, timesteps, index, config.timestepScaling));
      return createSamplingRun({
        sampler: 'lcm',
        evaluations,
        advance(index, state, estimate, noise) {
          const level = evaluations[index]?.level as NoiseLevel;
          const { clean, latent, deviation } = jumps[index] as LcmJump;
          const terms: WeightedTerm[] = [
            [clean, limitedClean(state.latent, estimate, level, config)],
            [latent, state.latent],
          ];
          const last = index === timesteps.length - 1;
          return { latent: weightedSum(last ? terms : [...terms, [deviation, noise()]]) };
        },
      });
    },
  };
}

/** Weights of the clean estimate and the latent, and the standard deviation of the fresh noise. */
interface LcmJump {
  readonly clean: number;
  readonly latent: number;
  readonly deviation: number;
}

function lcmJump(chain: TimestepChain, timesteps: readonly number[], index: number, scaling: number): LcmJump {
  const scaled = (timesteps[index] as number) * scaling;
  const square = scaled ** 2 + deviationOfData ** 2;
  const clean = scaled / Math.sqrt(square);
  const latent = deviationOfData ** 2 / square;
  const next = timesteps[index + 1];
  if (next === undefined) return { clean, latent, deviation: 0 };
  const to = chain.level(next);
  const alpha = Math.sqrt(to.signal);
  return { clean: alpha * clean, latent: alpha * latent, deviation: Math.sqrt(to.noise) };
}

/** The LCM sampler as a plugin's contribution: `sampler`, `lcm`. */
export const lcmContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: 'lcm',
  description: 'Latent consistency models (Luo et al. 2023): 1 to 8 steps, for networks distilled for it.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...distilledSchemas,
      timestepScaling: {
        type: 'number',
        minimum: 1e-6,
        maximum: 1e6,
        default: 10,
        description: 'The factor of the boundary condition; the larger, the less of the latent is kept.',
      },
      ...cleanLimitSchemas,
    },
  },
  create: (config) => createLcmSampler(config as LcmOptions),
};
