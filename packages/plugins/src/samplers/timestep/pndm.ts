import {
  type Contribution,
  type NoiseLevel,
  type NoiseSchedule,
  type Sampler,
  type SamplerState,
  type SamplingRequest,
  TransfuseError,
} from '@transfuse/core/contracts';
import { choiceSetting } from '../../schedules/setting.ts';
import { noisePath } from '../noise-axis.ts';
import { type PndmMove, type PndmPart, type PndmPlan, pndmPlan, type PndmWarmUp } from './pndm-plan.ts';
import { pndmTransfer } from './pndm-transfer.ts';
import { stageMemory } from '../run-memory.ts';
import { type RunEnd, runEndSchema, runEndSetting } from './run-end.ts';
import { type Advance, createSamplingRun } from '../sampling-run.ts';
import { chainEvaluations, timestepChain } from '../timestep-chain.ts';
import { type SpacingOptions, spacingSchemas, spacingSettings } from '../time-spacing.ts';
import { weightedSum, type WeightedTerm } from '../weighted-sum.ts';

// Pseudo numerical methods (Liu et al. 2022, arXiv 2202.09778): the classic solvers of ordinary differential equations,
// Runge-Kutta's and the linear multistep method of Adams and Bashforth, with sums over outputs of the network in place of
// slopes and DDIM's move in place of a straight one. `pndm-plan.ts` has the order of things, `pndm-transfer.ts` the move.

/** Settings of {@link createPndmSampler}. */
export interface PndmOptions extends SpacingOptions {
  /** How the first outputs are made: with rising order, or with three Runge-Kutta steps of four evaluations. @default 'multistep' */
  readonly warmUp?: PndmWarmUp;
  /**
   * What is combined: predicted `noise` as in the paper, or the schedule's `velocity` (diffusers, where the network
   * predicts it). `auto` takes the velocity over straight paths and where a run begins with nothing of the signal, where
   * noise alone says nothing of the clean sample; elsewhere the noise, because over variance-preserving paths the
   * velocity turns on the way and the method falls to order 1. @default 'auto'
   */
  readonly combines?: 'auto' | 'noise' | 'velocity';
  /** Where the last step ends: at clean data, or at the schedule's level of time 0. @default 'clean' */
  readonly end?: RunEnd;
}

/** Weights of this output and earlier ones, the latest first, by how many there are. */
const adamsBashforth = [
  [1],
  [3 / 2, -1 / 2],
  [23 / 12, -16 / 12, 5 / 12],
  [55 / 24, -59 / 24, 37 / 24, -9 / 24],
] as const;

/**
 * The PNDM sampler, deterministic, over any schedule: of convergence order 2, over flow matching 3, and 4 with warm-up
 * `runge-kutta`. It follows diffusers' `PNDMScheduler` over every schedule of discrete timesteps. Custom `timesteps` and `sigmas` are not taken. A run of n steps evaluates the network n + 1 times,
 * with warm-up `runge-kutta` n + 9 times and from 4 steps up.
 *
 * Throws `schedule.invalid` for a setting out of range, and in `begin` where `combines` is `noise` and the run starts
 * with nothing of the signal; `begin` and `step` throw it as the contract says.
 *
 * @example
 * ```ts
 * import { createPndmSampler } from '@transfuse/plugins/samplers';
 * import { createCosineSchedule } from '@transfuse/plugins/schedules';
 * const { evaluations, steps } = createPndmSampler().begin(createCosineSchedule(), { steps: 4 });
 * console.assert(evaluations.map(({ time }) => time).join() === '0.75,0.5,0.5,0.25,0' && steps.join() === '0,2,3,4');
 * ```
 */
export function createPndmSampler(options: PndmOptions = {}): Sampler {
  const config: Required<PndmOptions> = Object.freeze({
    warmUp: choiceSetting<PndmWarmUp>({
      place: 'pndm.warmUp',
      value: options.warmUp,
      fallback: 'multistep',
      choices: ['multistep', 'runge-kutta'],
    }),
    combines: choiceSetting<'auto' | 'noise' | 'velocity'>({
      place: 'pndm.combines',
      value: options.combines,
      fallback: 'auto',
      choices: ['auto', 'noise', 'velocity'],
    }),
    end: runEndSetting('pndm', options.end),
    ...spacingSettings('pndm', options),
  });
  return {
    name: 'pndm',
    config: { ...config },
    begin(schedule, request: SamplingRequest) {
      const chain = timestepChain(schedule);
      const end = config.end === 'clean' ? cleanEnd : chain.evaluation(0).level;
      const plan = pndmPlan(chain, request, { ...config, end });
      const counted = plan.steps.map((index) => plan.moves[index]?.evaluation.time as number);
      chainEvaluations(
        chain,
        counted.map((time) => time * chain.timesteps),
      );
      const combines = combined(schedule, plan, config.combines);
      const how = { combines, precision: chain.precision };
      return createSamplingRun({
        sampler: 'pndm',
        evaluations: plan.moves.map(({ evaluation }) => evaluation),
        steps: plan.steps,
        advance(index, state, { clean, noise }) {
          const move = plan.moves[index] as PndmMove;
          const { velocity } = move.evaluation.level;
          const output =
            combines === 'noise'
              ? noise
              : weightedSum([
                  [velocity.clean, clean],
                  [velocity.noise, noise],
                ]);
          return pndmAdvance(move.part, state, output, (start, sum) => pndmTransfer(move, how, start, sum));
        },
      });
    },
  };
}

const cleanEnd: NoiseLevel = { alpha: 1, sigma: 0, velocity: { clean: 0, noise: 1 } };

function combined(
  schedule: NoiseSchedule,
  { moves }: PndmPlan,
  asked: 'auto' | 'noise' | 'velocity',
): 'noise' | 'velocity' {
  const silent = moves.some(({ from }) => from.alpha === 0);
  if (asked === 'auto') return silent || noisePath(schedule) === 'straight' ? 'velocity' : 'noise';
  if (asked === 'velocity' || !silent) return asked;
  throw new TransfuseError({
    code: 'schedule.invalid',
    place: 'pndm.combines',
    found: `"noise" over the schedule ${schedule.name}, which begins with alpha 0`,
    expected: '"velocity" or "auto": noise alone says nothing of the clean sample there',
    mend: 'Leave the setting out.',
  });
}

/** Carries the latent at the start of a step to where an evaluation takes it, along a combined output. */
type PndmTransfer = (start: Float32Array, output: Float32Array) => Float32Array;

/** The latent after an evaluation, and what later ones need: outputs, the latest first, behind the start of the step. */
function pndmAdvance(part: PndmPart, state: SamplerState, output: Float32Array, transfer: PndmTransfer): Advance {
  const { latent, memory } = state;
  const go = (start: Float32Array, terms: readonly WeightedTerm[]) => transfer(start, weightedSum(terms));
  switch (part) {
    case 'multistep': {
      const outputs = [output, ...memory.slice(0, 3)];
      const weights = adamsBashforth[outputs.length - 1] as readonly number[];
      const terms = outputs.map((values, i): WeightedTerm => [weights[i] as number, values]);
      return { latent: go(latent, terms), memory: outputs.slice(0, 3) };
    }
    case 'opening':
      return { latent: transfer(latent, output), memory: [latent, output] };
    case 'return': {
      const [start, opening] = stageMemory('pndm', state, 2) as [Float32Array, Float32Array];
      const mean: WeightedTerm[] = [
        [0.5, output],
        [0.5, opening],
      ];
      return { latent: go(start, mean), memory: [opening] };
    }
    case 0: // memory becomes [start of the step, sum of outputs so far, its first output, outputs of earlier steps]
      return {
        latent: transfer(latent, output),
        memory: [latent, weightedSum([[1 / 6, output]]), output, ...memory.slice(0, 2)],
      };
    default: {
      const [start, sum, ...outputs] = stageMemory('pndm', state, 3) as [Float32Array, Float32Array, ...Float32Array[]];
      const added = weightedSum([
        [1, sum],
        [part === 3 ? 1 / 6 : 1 / 3, output],
      ]);
      if (part === 3) return { latent: transfer(start, added), memory: outputs };
      return { latent: transfer(start, output), memory: [start, added, ...outputs] };
    }
  }
}

/** The PNDM sampler as a plugin's contribution: `sampler`, `pndm`. */
export const pndmContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: 'pndm',
  description: 'Pseudo numerical methods (Liu et al. 2022): deterministic, of higher order, good with 20 to 50 steps.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      warmUp: {
        enum: ['multistep', 'runge-kutta'],
        default: 'multistep',
        description: 'How the first outputs are made: with rising order, or with three Runge-Kutta steps.',
      },
      combines: {
        enum: ['auto', 'noise', 'velocity'],
        default: 'auto',
        description: 'Which output is combined over steps; `auto` goes by the schedule.',
      },
      end: runEndSchema,
      ...spacingSchemas,
    },
  },
  create: (config) => createPndmSampler(config as PndmOptions),
};
