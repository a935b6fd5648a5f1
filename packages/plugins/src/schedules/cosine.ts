import type { Contribution, NoiseSchedule } from '@transfuse/core/contracts';
import { discreteSchema, type DiscreteOptions, discreteSettings } from './beta-settings.ts';
import { alphasCumprod, betasOfSignal } from './beta-table.ts';
import { createDiscreteSchedule } from './discrete-schedule.ts';

// The cosine schedule of Nichol and Dhariwal 2021 (arXiv 2102.09672, equation 17), which the Transfusion paper trains
// with: a variance-preserving chain of T discrete timesteps. Elsewhere it is called `squaredcos_cap_v2`; the table
// equals diffusers' `alphas_cumprod` bit for bit.

/** Settings of {@link createCosineSchedule}. */
export type CosineOptions = DiscreteOptions;

const offset = 0.008; // keeps the first betas from vanishing (the paper's s)

/**
 * The cosine schedule. `at(time)` takes the timestep nearest to `time * timesteps`, at most `timesteps - 1`, and gives
 * `alpha = sqrt(alphasCumprod[n])`, `sigma = sqrt(1 - alphasCumprod[n])`, so `alpha² + sigma² = 1`. Its velocity is
 * that of v-prediction (Salimans and Ho 2022): `alpha * noise - sigma * clean`. `sampleTime` is uniform over timesteps.
 *
 * The far end is nearly, not quite, pure noise: with 1000 timesteps alpha is 4.9e-5 at timestep 999. A clean image
 * computed there from predicted noise, `(noisy - sigma * noise) / alpha`, carries the network's error 20,000 times
 * enlarged; see the samplers' spacing for how to start elsewhere, and `zeroTerminalSnr` for an end without any signal.
 *
 * Throws `schedule.invalid` for a setting out of range, and `at` throws it for NaN.
 *
 * @example
 * ```ts
 * import { createCosineSchedule } from '@transfuse/plugins/schedules';
 * const { alpha, sigma } = createCosineSchedule({ timesteps: 1000 }).at(0.5);
 * console.assert(Math.abs(alpha * alpha - 0.492285) < 1e-6 && Math.abs(sigma * sigma - 0.507715) < 1e-6);
 * ```
 */
export function createCosineSchedule(options: CosineOptions = {}): NoiseSchedule {
  const { zeroTerminalSnr, ...settings } = discreteSettings('cosine', options);
  const betas = betasOfSignal(settings.timesteps, signalLeft);
  return createDiscreteSchedule({ name: 'cosine', betas, zeroTerminalSnr, settings });
}

/** The share of the signal's variance left after timestep n, for n = 0 … timesteps - 1: diffusers' `alphas_cumprod`, `[T]`. */
export function cosineAlphasCumprod(timesteps: number): Float32Array {
  return alphasCumprod(betasOfSignal(timesteps, signalLeft));
}

function signalLeft(time: number): number {
  return Math.cos((((time + offset) / (1 + offset)) * Math.PI) / 2) ** 2;
}

/** The cosine schedule as a plugin's contribution: `noise-schedule`, `cosine`. */
export const cosineContribution: Contribution<'noise-schedule'> = {
  kind: 'noise-schedule',
  name: 'cosine',
  description: 'The cosine DDPM schedule of Nichol and Dhariwal 2021, over discrete timesteps (the paper’s choice).',
  configSchema: discreteSchema,
  create: (config) => createCosineSchedule(config as CosineOptions),
};
