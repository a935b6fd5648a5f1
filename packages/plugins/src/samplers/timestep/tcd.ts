import type { Contribution, Sampler } from '@transfuse/core/contracts';
import { numberSetting } from '../../schedules/setting.ts';
import {
  type DistilledOptions,
  distilledSchemas,
  distilledSettings,
  distilledTimesteps,
} from './distilled-timesteps.ts';
import { forwardStep } from './reverse-posterior.ts';
import { type RunEnd, runEndLevel, runEndSchema, runEndSetting } from './run-end.ts';
import { createSamplingRun } from '../sampling-run.ts';
import { chainEvaluations, rounding, timestepChain, type TimestepChain } from '../timestep-chain.ts';
import { weightedSum, type WeightedTerm } from '../weighted-sum.ts';

// Strategic stochastic sampling of trajectory consistency models (Zheng et al. 2024, arXiv 2402.19159, algorithm 4, where
// eta is called gamma): each step follows the trajectory down to a timestep s = (1 - eta) * next, below the next one,
// and goes back up to the next one by fresh noise. Deterministic at eta 0, consistency sampling at eta 1.

/** Settings of {@link createTcdSampler}. */
export interface TcdOptions extends DistilledOptions {
  /** The share of fresh noise, 0 (deterministic) to 1 (all noise fresh). More suits more steps. @default 0.3 */
  readonly eta?: number;
  /** Where the last step ends: at clean data, or at the schedule's level of time 0 as diffusers has it. @default 'clean' */
  readonly end?: RunEnd;
}

/** The same, with nothing left open. */
type TcdSettings = Required<TcdOptions>;

/**
 * The TCD sampler, over any schedule, for networks distilled into trajectory consistency models. With end
 * `first-timestep` it follows diffusers' `TCDScheduler` over every schedule of discrete timesteps, its roundings
 * included. Custom `timesteps` are taken; `sigmas` are not. Every step but the last calls `noise` once if eta is above 0.
 *
 * Throws `schedule.invalid` for a setting out of range; `begin` and `step` throw it as the contract says.
 *
 * @example
 * ```ts
 * import { createTcdSampler } from '@transfuse/plugins/samplers';
 * import { createCosineSchedule } from '@transfuse/plugins/schedules';
 * const { evaluations } = createTcdSampler({ eta: 0 }).begin(createCosineSchedule(), { steps: 2 });
 * console.assert(evaluations.map(({ time }) => Math.round(time * 1000)).join() === '999,499');
 * ```
 */
export function createTcdSampler(options: TcdOptions = {}): Sampler {
  const config: TcdSettings = Object.freeze({
    ...distilledSettings('tcd', options),
    eta: numberSetting({ place: 'tcd.eta', value: options.eta, fallback: 0.3, minimum: 0, maximum: 1 }),
    end: runEndSetting('tcd', options.end),
  });
  return {
    name: 'tcd',
    config: { ...config },
    begin(schedule, request) {
      const chain = timestepChain(schedule);
      const timesteps = distilledTimesteps(chain, request, { ...config, sampler: 'tcd' });
      const evaluations = chainEvaluations(chain, timesteps);
      const jumps = timesteps.map((_, index) => tcdJump(chain, timesteps[index + 1], config));
      return createSamplingRun({
        sampler: 'tcd',
        evaluations,
        advance(index, _state, estimate, noise) {
          const jump = jumps[index] as TcdJump;
          const terms: WeightedTerm[] = [
            [jump.clean, estimate.clean],
            [jump.noise, estimate.noise],
          ];
          const draws = config.eta > 0 && index < timesteps.length - 1;
          return { latent: weightedSum(draws ? [...terms, [jump.deviation, noise()]] : terms) };
        },
      });
    },
  };
}

/** Weights of the two estimates, and the standard deviation of the fresh noise. */
interface TcdJump {
  readonly clean: number;
  readonly noise: number;
  readonly deviation: number;
}

function tcdJump(chain: TimestepChain, next: number | undefined, { eta, end }: TcdSettings): TcdJump {
  if (next === undefined) {
    const { signal, noise } = runEndLevel(chain, end);
    return { clean: Math.sqrt(signal), noise: Math.sqrt(noise), deviation: 0 };
  }
  const low = chain.level(lowerTimestep(chain, next, eta));
  const { kept, fresh } = forwardStep(chain.level(next), low, chain.precision);
  return {
    clean: Math.sqrt(kept * low.signal),
    noise: Math.sqrt(kept * low.noise),
    deviation: Math.sqrt(Math.max(0, fresh)),
  };
}

/** Where the trajectory is followed to; a whole timestep where only these exist. */
function lowerTimestep(chain: TimestepChain, next: number, eta: number): number {
  const round = rounding(chain.precision);
  const lower = round(round(1 - eta) * next);
  return chain.whole ? Math.floor(lower) : lower;
}

/** The TCD sampler as a plugin's contribution: `sampler`, `tcd`. */
export const tcdContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: 'tcd',
  description: 'Trajectory consistency models (Zheng et al. 2024): few steps, with a share of fresh noise to choose.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...distilledSchemas,
      eta: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        default: 0.3,
        description: 'The share of fresh noise: 0 is deterministic, 1 is consistency sampling.',
      },
      end: runEndSchema,
    },
  },
  create: (config) => createTcdSampler(config as TcdOptions),
};
