import type { Contribution, NoiseLevel, NoiseSchedule } from '@transfuse/core/contracts';
import { integerSetting } from './setting.ts';
import { unitTime } from './unit-time.ts';

// The cosine schedule of Nichol and Dhariwal 2021 (arXiv 2102.09672, equation 17), which the Transfusion paper trains
// with: a variance-preserving chain of T discrete timesteps. Elsewhere it is called `squaredcos_cap_v2`; the table here
// equals diffusers' `alphas_cumprod` bit for bit, which needs its mixture of precisions: betas in float64, rounded to
// float32, one minus them rounded again, their product accumulated in float64 and each entry rounded to float32.
// Timestep n stands at time n / T, so the noisiest, T - 1, stands just before time 1.

/** Settings of {@link createCosineSchedule}. */
export interface CosineOptions {
  /** The number of discrete timesteps T, 1 to 100000. @default 1000 */
  readonly timesteps?: number;
}

const defaultTimesteps = 1000;
const maximumTimesteps = 100_000;
const offset = 0.008; // keeps the first betas from vanishing (the paper's s)
const maximumBeta = 0.999; // keeps the last one from reaching 1

/**
 * The cosine schedule. `at(time)` takes the timestep nearest to `time * timesteps`, at most `timesteps - 1`, and gives
 * `alpha = sqrt(alphasCumprod[n])`, `sigma = sqrt(1 - alphasCumprod[n])`, so `alpha² + sigma² = 1`. Its velocity is
 * that of v-prediction (Salimans and Ho 2022): `alpha * noise - sigma * clean`. `sampleTime` is uniform over timesteps.
 *
 * The far end is nearly, not quite, pure noise: with 1000 timesteps alpha is 4.9e-5 at timestep 999. A clean image
 * computed there from predicted noise, `(noisy - sigma * noise) / alpha`, carries the network's error 20,000 times
 * enlarged; see the samplers' spacing for how to start elsewhere.
 *
 * Throws `schedule.invalid` for a number of timesteps out of range, and `at` throws it for NaN.
 *
 * @example
 * ```ts
 * import { createCosineSchedule } from '@transfuse/plugins/schedules';
 * const { alpha, sigma } = createCosineSchedule({ timesteps: 1000 }).at(0.5);
 * console.assert(Math.abs(alpha * alpha - 0.492285) < 1e-6 && Math.abs(sigma * sigma - 0.507715) < 1e-6);
 * ```
 */
export function createCosineSchedule(options: CosineOptions = {}): NoiseSchedule {
  const timesteps = integerSetting({
    place: 'cosine.timesteps',
    value: options.timesteps,
    fallback: defaultTimesteps,
    minimum: 1,
    maximum: maximumTimesteps,
  });
  const table = cosineAlphasCumprod(timesteps); // [T]
  return {
    name: 'cosine',
    timesteps,
    config: Object.freeze({ timesteps }),
    at(time): NoiseLevel {
      const timestep = Math.min(timesteps - 1, Math.round(unitTime(time, 'cosine.at') * timesteps));
      const signal = table[timestep] as number;
      const alpha = Math.sqrt(signal);
      const sigma = Math.sqrt(1 - signal);
      return { alpha, sigma, velocity: { clean: -sigma, noise: alpha } };
    },
    sampleTime(uniform) {
      return Math.min(timesteps - 1, Math.floor(uniform() * timesteps)) / timesteps;
    },
  };
}

/** The share of the signal's variance left after timestep n, for n = 0 … timesteps - 1: diffusers' `alphas_cumprod`, `[T]`. */
export function cosineAlphasCumprod(timesteps: number): Float32Array {
  const table = new Float32Array(timesteps);
  let product = 1;
  for (let n = 0; n < timesteps; n += 1) {
    const beta = Math.min(1 - signalLeft((n + 1) / timesteps) / signalLeft(n / timesteps), maximumBeta);
    product *= Math.fround(1 - Math.fround(beta));
    table[n] = product;
  }
  return table;
}

function signalLeft(time: number): number {
  return Math.cos((((time + offset) / (1 + offset)) * Math.PI) / 2) ** 2;
}

/** The cosine schedule as a plugin's contribution: `noise-schedule`, `cosine`. */
export const cosineContribution: Contribution<'noise-schedule'> = {
  kind: 'noise-schedule',
  name: 'cosine',
  description: 'The cosine DDPM schedule of Nichol and Dhariwal 2021, over discrete timesteps (the paper’s choice).',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      timesteps: {
        type: 'integer',
        minimum: 1,
        maximum: maximumTimesteps,
        default: defaultTimesteps,
        description: 'The number of discrete timesteps.',
      },
    },
  },
  create: (config) => createCosineSchedule(config as CosineOptions),
};
