import type { Contribution, NoiseSchedule } from '@transfuse/core/contracts';
import { discreteSchema, type DiscreteOptions, discreteSettings } from './beta-settings.ts';
import { betasOfSignal } from './beta-table.ts';
import { createDiscreteSchedule } from './discrete-schedule.ts';

// The Laplace schedule (Hang et al. 2024, arXiv 2407.03297, with location 0 and scale 0.5): log-SNRs spread as a Laplace
// distribution, so that most timesteps stand where signal and noise are about equal. diffusers calls it `laplace` and
// takes sqrt(SNR / (1 + SNR)) for the share of the signal's variance, where the paper's is SNR / (1 + SNR); checkpoints
// trained with it need the same, and the table equals its `alphas_cumprod` bit for bit.

/** Settings of {@link createLaplaceSchedule}. */
export type LaplaceOptions = DiscreteOptions;

/**
 * The Laplace schedule: a variance-preserving chain of discrete timesteps, see `createDiscreteSchedule` for its levels.
 * Its noisy end is far from pure noise (alpha is 0.18 at the last timestep) unless `zeroTerminalSnr` is set.
 *
 * Throws `schedule.invalid` for a setting out of range, and `at` throws it for NaN.
 *
 * @example
 * ```ts
 * import { createLaplaceSchedule } from '@transfuse/plugins/schedules';
 * const { alpha } = createLaplaceSchedule().at(0.499); // where the SNR of the curve is 1
 * console.assert(Math.abs(alpha * alpha - Math.sqrt(1 / 2)) < 1e-3);
 * ```
 */
export function createLaplaceSchedule(options: LaplaceOptions = {}): NoiseSchedule {
  const { zeroTerminalSnr, ...settings } = discreteSettings('laplace', options);
  const betas = betasOfSignal(settings.timesteps, signalLeft);
  return createDiscreteSchedule({ name: 'laplace', betas, zeroTerminalSnr, settings });
}

const margin = 1e-6; // keeps the logarithm finite at both ends

function signalLeft(time: number): number {
  const side = time <= 0.5 ? 1 : -1;
  const logSnr = -0.5 * side * Math.log(1 - 2 * Math.abs(0.5 - time) + margin);
  const snr = Math.exp(logSnr);
  return Math.sqrt(snr / (1 + snr));
}

/** The Laplace schedule as a plugin's contribution: `noise-schedule`, `laplace`. */
export const laplaceContribution: Contribution<'noise-schedule'> = {
  kind: 'noise-schedule',
  name: 'laplace',
  description: 'The Laplace schedule (Hang et al. 2024): most timesteps where signal and noise are about equal.',
  configSchema: discreteSchema,
  create: (config) => createLaplaceSchedule(config as LaplaceOptions),
};
