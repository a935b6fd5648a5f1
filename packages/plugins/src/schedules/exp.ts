import type { Contribution, NoiseSchedule } from '@transfuse/core/contracts';
import { discreteSchema, type DiscreteOptions, discreteSettings } from './beta-settings.ts';
import { betasOfSignal } from './beta-table.ts';
import { createDiscreteSchedule } from './discrete-schedule.ts';

// The exponential schedule: the signal's variance decays as exp(-12 t), so every beta is the same, 1 - exp(-12 / T).
// diffusers offers it to its Heun and multistep samplers as `exp`; the table equals its `alphas_cumprod` bit for bit.

/** Settings of {@link createExpSchedule}. */
export type ExpOptions = DiscreteOptions;

/**
 * The exponential schedule: a variance-preserving chain of discrete timesteps, see `createDiscreteSchedule` for its
 * levels. At the last timestep alpha is exp(-6), 0.0025.
 *
 * Throws `schedule.invalid` for a setting out of range, and `at` throws it for NaN.
 *
 * @example
 * ```ts
 * import { createExpSchedule } from '@transfuse/plugins/schedules';
 * const { alpha } = createExpSchedule().at(1);
 * console.assert(Math.abs(alpha - Math.exp(-6)) < 1e-6);
 * ```
 */
export function createExpSchedule(options: ExpOptions = {}): NoiseSchedule {
  const { zeroTerminalSnr, ...settings } = discreteSettings('exp', options);
  const betas = betasOfSignal(settings.timesteps, (time) => Math.exp(-12 * time));
  return createDiscreteSchedule({ name: 'exp', betas, zeroTerminalSnr, settings });
}

/** The exponential schedule as a plugin's contribution: `noise-schedule`, `exp`. */
export const expContribution: Contribution<'noise-schedule'> = {
  kind: 'noise-schedule',
  name: 'exp',
  description: 'The exponential schedule: the same beta at every timestep, signal left as exp(-12 t).',
  configSchema: discreteSchema,
  create: (config) => createExpSchedule(config as ExpOptions),
};
