import { type Contribution, type NoiseSchedule, TransfuseError } from '@transfuse/core/contracts';
import { maximumTimesteps, minimumBeta, zeroTerminalSnrSchema, zeroTerminalSnrSetting } from './beta-settings.ts';
import { createDiscreteSchedule } from './discrete-schedule.ts';

// A discrete schedule whose betas are given one by one: learned ones, or those of a schedule that nothing else here
// names. Elsewhere the setting is called `trained_betas`; the table equals diffusers' `alphas_cumprod` bit for bit.

/** Settings of {@link createTrainedBetasSchedule}. */
export interface TrainedBetasOptions {
  /** The share of variance that each timestep replaces by noise: 1 to 100000 numbers from 1e-7 to 1, only the last may be 1. */
  readonly betas: readonly number[];
  /** Whether to rescale the betas so that the last timestep is pure noise, alpha exactly 0 (Lin et al. 2023). @default false */
  readonly zeroTerminalSnr?: boolean;
}

/**
 * The schedule of given betas: a variance-preserving chain of as many discrete timesteps, see `createDiscreteSchedule`
 * for its levels. The betas are rounded to float32.
 *
 * Throws `schedule.invalid` for betas that are missing or out of range, and `at` throws it for NaN.
 *
 * @example
 * ```ts
 * import { createTrainedBetasSchedule } from '@transfuse/plugins/schedules';
 * const { alpha, sigma } = createTrainedBetasSchedule({ betas: [0.2, 0.55] }).at(1);
 * console.assert(Math.abs(alpha - 0.6) < 1e-7 && Math.abs(sigma - 0.8) < 1e-7); // 0.8 * 0.45 = 0.6²
 * ```
 */
export function createTrainedBetasSchedule(options: TrainedBetasOptions): NoiseSchedule {
  const given = checkedBetas(options.betas);
  return createDiscreteSchedule({
    name: 'trained-betas',
    betas: Float32Array.from(given),
    zeroTerminalSnr: zeroTerminalSnrSetting('trained-betas', options.zeroTerminalSnr),
    settings: { betas: Object.freeze([...given]) },
  });
}

function checkedBetas(betas: unknown): readonly number[] {
  if (!Array.isArray(betas) || betas.length < 1 || betas.length > maximumTimesteps) {
    throw invalid('trained-betas.betas', Array.isArray(betas) ? `${betas.length} numbers` : typeof betas);
  }
  const isBeta = (beta: unknown, n: number) =>
    typeof beta === 'number' &&
    beta >= minimumBeta &&
    (Math.fround(beta) < 1 || (beta === 1 && n === betas.length - 1));
  const wrong = betas.findIndex((beta, n) => !isBeta(beta, n));
  if (wrong >= 0) throw invalid(`trained-betas.betas[${wrong}]`, String(betas[wrong]));
  return betas as number[];
}

function invalid(place: string, found: string): TransfuseError {
  return new TransfuseError({
    code: 'schedule.invalid',
    place,
    found,
    expected: `a list of 1 to ${maximumTimesteps} numbers from ${minimumBeta} to 1, of which only the last may be 1`,
    mend: 'List one beta per timestep, the share of variance that it replaces by noise.',
  });
}

/** The schedule of given betas as a plugin's contribution: `noise-schedule`, `trained-betas`. */
export const trainedBetasContribution: Contribution<'noise-schedule'> = {
  kind: 'noise-schedule',
  name: 'trained-betas',
  description: 'A discrete schedule whose betas are given one by one.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['betas'],
    properties: {
      betas: {
        type: 'array',
        minItems: 1,
        maxItems: maximumTimesteps,
        items: { type: 'number', minimum: minimumBeta, maximum: 1 },
        description: 'The share of variance that each timestep replaces by noise, one number per timestep.',
      },
      zeroTerminalSnr: zeroTerminalSnrSchema,
    },
  },
  create: (config) => createTrainedBetasSchedule(config as unknown as TrainedBetasOptions),
};
