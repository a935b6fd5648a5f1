import type { Contribution, NoiseSchedule } from '@transfuse/core/contracts';
import { betaRangeSchema, betaRangeSettings, type BetaRangeOptions } from './beta-settings.ts';
import { linearSpace } from './beta-table.ts';
import { createDiscreteSchedule } from './discrete-schedule.ts';

// The sigmoid schedule of GeoDiff (Xu et al. 2022, arXiv 2203.02923): betas that rise from betaStart to betaEnd along a
// logistic curve, taken from -6 to 6. Elsewhere, too, it is called `sigmoid`. PyTorch's vectorised exponential misses
// the nearest float32 in about one of 25 timesteps; here it is rounded correctly. Diffusers' `alphas_cumprod` hides that
// difference: up to 4000 timesteps the tables were found equal bit for bit; longer ones may differ in the last bit.

/** Settings of {@link createSigmoidSchedule}. */
export type SigmoidOptions = BetaRangeOptions;

/**
 * The sigmoid schedule: a variance-preserving chain of discrete timesteps, see `createDiscreteSchedule` for its levels.
 *
 * Throws `schedule.invalid` for a setting out of range, and `at` throws it for NaN.
 *
 * @example
 * ```ts
 * import { createSigmoidSchedule } from '@transfuse/plugins/schedules';
 * const { alpha } = createSigmoidSchedule({ timesteps: 1 }).at(0); // the one beta is 0.0001 + 0.0199 / (1 + exp(6))
 * console.assert(Math.abs(alpha * alpha - (1 - 0.000149207)) < 1e-7);
 * ```
 */
export function createSigmoidSchedule(options: SigmoidOptions = {}): NoiseSchedule {
  const { zeroTerminalSnr, ...settings } = betaRangeSettings('sigmoid', options);
  const { timesteps, betaStart, betaEnd } = settings;
  const [rise, start] = [Math.fround(betaEnd - betaStart), Math.fround(betaStart)];
  const betas = linearSpace(-6, 6, timesteps).map((x) => Math.fround(sigmoid(x) * rise) + start);
  return createDiscreteSchedule({ name: 'sigmoid', betas, zeroTerminalSnr, settings });
}

/** The logistic function in float32, each operation rounded. */
function sigmoid(x: number): number {
  return Math.fround(1 / Math.fround(1 + Math.fround(Math.exp(-x))));
}

/** The sigmoid schedule as a plugin's contribution: `noise-schedule`, `sigmoid`. */
export const sigmoidContribution: Contribution<'noise-schedule'> = {
  kind: 'noise-schedule',
  name: 'sigmoid',
  description: 'The sigmoid schedule of GeoDiff (Xu et al. 2022): betas that rise along a logistic curve.',
  configSchema: betaRangeSchema,
  create: (config) => createSigmoidSchedule(config as SigmoidOptions),
};
