import type { Contribution, NoiseSchedule } from '@transfuse/core/contracts';
import { betaRangeSchema, betaRangeSettings, type BetaRangeOptions } from './beta-settings.ts';
import { linearSpace } from './beta-table.ts';
import { createDiscreteSchedule } from './discrete-schedule.ts';

// The schedule of latent diffusion (Rombach et al. 2022, Stable Diffusion): square roots of the betas evenly spaced from
// sqrt(betaStart) to sqrt(betaEnd). Elsewhere it is called `scaled_linear`; the table equals diffusers' `alphas_cumprod`
// bit for bit.

/** Settings of {@link createScaledLinearSchedule}. */
export type ScaledLinearOptions = BetaRangeOptions;

/**
 * The scaled linear schedule: a variance-preserving chain of discrete timesteps, see `createDiscreteSchedule` for its
 * levels. Stable Diffusion 1 and 2 were trained with betaStart 0.00085 and betaEnd 0.012; the defaults are those of the
 * linear schedule.
 *
 * Throws `schedule.invalid` for a setting out of range, and `at` throws it for NaN.
 *
 * @example
 * ```ts
 * import { createScaledLinearSchedule } from '@transfuse/plugins/schedules';
 * const { alpha, sigma } = createScaledLinearSchedule({ betaStart: 0.00085, betaEnd: 0.012 }).at(1);
 * console.assert(Math.abs(sigma / alpha - 14.6146) < 1e-3);
 * ```
 */
export function createScaledLinearSchedule(options: ScaledLinearOptions = {}): NoiseSchedule {
  const { zeroTerminalSnr, ...settings } = betaRangeSettings('scaled-linear', options);
  const roots = linearSpace(Math.sqrt(settings.betaStart), Math.sqrt(settings.betaEnd), settings.timesteps);
  const betas = roots.map((root) => root * root);
  return createDiscreteSchedule({ name: 'scaled-linear', betas, zeroTerminalSnr, settings });
}

/** The scaled linear schedule as a plugin's contribution: `noise-schedule`, `scaled-linear`. */
export const scaledLinearContribution: Contribution<'noise-schedule'> = {
  kind: 'noise-schedule',
  name: 'scaled-linear',
  description: 'The schedule of latent diffusion (Rombach et al. 2022): linear in the square root of beta.',
  configSchema: betaRangeSchema,
  create: (config) => createScaledLinearSchedule(config as ScaledLinearOptions),
};
