import { type SamplingRequest, TransfuseError } from '@transfuse/core/contracts';
import { choiceSetting, integerSetting, numberSetting } from '../../schedules/setting.ts';
import { customTimesteps, requestedSteps } from '../timestep-request.ts';
import type { TimestepChain } from '../timestep-chain.ts';

// The timesteps of consistency models distilled from a diffusion model (Luo et al. 2023, arXiv 2310.04378; Zheng et al.
// 2024, arXiv 2402.19159). Distillation taught the network to jump from a coarse grid of timesteps, `originalSteps` of
// them, evenly spaced: 19, 39, … 999 for 50 of 1000. A run picks its few steps evenly from that grid, from the top.

/** Settings of samplers of distilled models. */
export interface DistilledOptions {
  /** How many timesteps the distillation used, 1 to 100000; a run has at most as many steps. @default 50 */
  readonly originalSteps?: number;
  /** Which timesteps a run picks from: those of the distillation, or all of the training. @default 'distilled' */
  readonly grid?: 'distilled' | 'training';
  /**
   * The noisiest part of the grid that is used, above 0 to 1: with 0.5 a run of as many steps begins halfway, for
   * going on from a clean latent (image to image). @default 1
   */
  readonly strength?: number;
}

/** Reads and checks the settings; throws `schedule.invalid`. */
export function distilledSettings(sampler: string, options: DistilledOptions): Required<DistilledOptions> {
  return {
    originalSteps: integerSetting({
      place: `${sampler}.originalSteps`,
      value: options.originalSteps,
      fallback: 50,
      minimum: 1,
      maximum: 100_000,
    }),
    grid: choiceSetting<'distilled' | 'training'>({
      place: `${sampler}.grid`,
      value: options.grid,
      fallback: 'distilled',
      choices: ['distilled', 'training'],
    }),
    strength: numberSetting({
      place: `${sampler}.strength`,
      value: options.strength,
      fallback: 1,
      minimum: 1e-5,
      maximum: 1,
    }),
  };
}

/** The JSON schemas of these settings, for a sampler's contribution. */
export const distilledSchemas = {
  originalSteps: {
    type: 'integer',
    minimum: 1,
    maximum: 100_000,
    default: 50,
    description: 'How many timesteps the distillation used.',
  },
  grid: {
    enum: ['distilled', 'training'],
    default: 'distilled',
    description: 'Whether steps are picked from the timesteps of the distillation, or from all of the training.',
  },
  strength: {
    type: 'number',
    minimum: 1e-5,
    maximum: 1,
    default: 1,
    description: 'The noisiest part of the grid that is used: below 1 a run begins with less noise.',
  },
} as const;

/**
 * The timesteps of a run, falling: those of the request, or picked from the grid. Over a continuous schedule the grid is
 * that of 1000 timesteps, moved up by one so that it begins at time 1.
 *
 * Throws `schedule.invalid` for a request that cannot be met: more steps than the grid has, custom timesteps together
 * with a strength below 1, sigmas.
 */
export function distilledTimesteps(
  chain: TimestepChain,
  request: SamplingRequest,
  options: Required<DistilledOptions> & { readonly sampler: string },
): readonly number[] {
  const { sampler, strength } = options;
  const custom = customTimesteps(chain, request, { sampler, custom: strength === 1 ? 'allowed' : 'refused' });
  if (custom !== undefined) return custom;
  const steps = requestedSteps(chain, request, sampler);
  const grid = distilledGrid(chain, options);
  const most = Math.min(grid.length, options.originalSteps);
  if (steps > most) {
    throw new TransfuseError({
      code: 'schedule.invalid',
      place: `${sampler}.steps`,
      found: `${steps}`,
      expected: `at most ${most}, with originalSteps ${options.originalSteps} and strength ${strength}`,
      mend: 'Ask for fewer steps: distilled models need 1 to 8.',
    });
  }
  const stride = grid.length / steps;
  return Array.from({ length: steps }, (_, i) => grid[Math.floor(i * stride)] as number);
}

/** Falling. */
function distilledGrid(
  chain: TimestepChain,
  { originalSteps, grid, strength, sampler }: Required<DistilledOptions> & { readonly sampler: string },
): number[] {
  const lowest = chain.whole ? -1 : 0;
  const { timesteps } = chain;
  if (grid === 'training') {
    const count = Math.floor(timesteps * strength);
    return Array.from({ length: count }, (_, i) => count - i + lowest);
  }
  if (originalSteps > timesteps) {
    throw new TransfuseError({
      code: 'schedule.invalid',
      place: `${sampler}.originalSteps`,
      found: `${originalSteps}`,
      expected: `at most ${timesteps}, the timesteps of the schedule ${chain.name}`,
      mend: 'Set originalSteps to the number of timesteps that the distillation used.',
    });
  }
  const stride = Math.floor(timesteps / originalSteps);
  const count = Math.floor(originalSteps * strength);
  return Array.from({ length: count }, (_, i) => (count - i) * stride + lowest);
}
