import type { Contribution, NoiseSchedule } from '@transfuse/core/contracts';
import { betaRangeSchema, betaRangeSettings, type BetaRangeOptions } from './beta-settings.ts';
import { linearSpace } from './beta-table.ts';
import { createDiscreteSchedule } from './discrete-schedule.ts';

// The linear schedule of Ho et al. 2020 (DDPM, arXiv 2006.11239, section 4): betas evenly spaced from betaStart to
// betaEnd. Elsewhere, too, it is called `linear`; the table equals diffusers' `alphas_cumprod` bit for bit.

/** Settings of {@link createLinearSchedule}. */
export type LinearOptions = BetaRangeOptions;

/**
 * The linear schedule: a variance-preserving chain of discrete timesteps, see `createDiscreteSchedule` for its levels.
 * With its defaults alpha is 0.0064 at the last timestep.
 *
 * Throws `schedule.invalid` for a setting out of range, and `at` throws it for NaN.
 *
 * @example
 * ```ts
 * import { createLinearSchedule } from '@transfuse/plugins/schedules';
 * const { alpha } = createLinearSchedule().at(0);
 * console.assert(Math.abs(alpha * alpha - (1 - 0.0001)) < 1e-7);
 * ```
 */
export function createLinearSchedule(options: LinearOptions = {}): NoiseSchedule {
  const { zeroTerminalSnr, ...settings } = betaRangeSettings('linear', options);
  const betas = linearSpace(settings.betaStart, settings.betaEnd, settings.timesteps);
  return createDiscreteSchedule({ name: 'linear', betas, zeroTerminalSnr, settings });
}

/** The linear schedule as a plugin's contribution: `noise-schedule`, `linear`. */
export const linearContribution: Contribution<'noise-schedule'> = {
  kind: 'noise-schedule',
  name: 'linear',
  description: 'The linear DDPM schedule of Ho et al. 2020, over discrete timesteps.',
  configSchema: betaRangeSchema,
  create: (config) => createLinearSchedule(config as LinearOptions),
};
