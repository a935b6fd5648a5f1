import type { Contribution, NoiseLevel, NoiseSchedule } from '@transfuse/core/contracts';
import { numberSetting } from './setting.ts';
import { insideUnitTime, unitTime } from './unit-time.ts';

// The cosine schedule without a table: alpha = cos(pi t / 2), sigma = sin(pi t / 2) in continuous time (Nichol and
// Dhariwal 2021 without their offset; Salimans and Ho 2022, arXiv 2202.00512). Large pictures keep more of their
// structure under the same noise, so the log-SNR may be shifted down for them (Hoogeboom et al. 2023, "simple
// diffusion", arXiv 2301.11093, section 3.1).

/** Settings of {@link createContinuousCosineSchedule}. */
export interface ContinuousCosineOptions {
  /**
   * What noise is multiplied by, relative to signal: the log-SNR at every time is lowered by `2 ln(shift)`. 0.001 to
   * 1000. The paper takes the resolution over that for which the plain schedule suits, for example 256 / 64. @default 1
   */
  readonly shift?: number;
}

const shiftRange = { minimum: 0.001, maximum: 1000 } as const;

/**
 * The continuous cosine schedule: variance-preserving, exact at both ends (sigma is 0 at time 0, alpha is 0 at time 1),
 * with `sigma / alpha = shift * tan(pi / 2 * time)` and the velocity of v-prediction, `alpha * noise - sigma * clean`.
 * Training times are uniform, clamped into [1e-5, 1 - 1e-5]. Train it with velocity or sample prediction: predicted
 * noise says nothing of the clean latent at time 1.
 *
 * Throws `schedule.invalid` for a shift out of range, and `at` throws it for NaN.
 *
 * @example
 * ```ts
 * import { createContinuousCosineSchedule } from '@transfuse/plugins/schedules';
 * const { alpha, sigma } = createContinuousCosineSchedule({ shift: 4 }).at(0.5);
 * console.assert(Math.abs(sigma / alpha - 4) < 1e-12);
 * ```
 */
export function createContinuousCosineSchedule(options: ContinuousCosineOptions = {}): NoiseSchedule {
  const place = 'continuous-cosine.shift';
  const shift = numberSetting({ place, value: options.shift, fallback: 1, ...shiftRange });
  return {
    name: 'continuous-cosine',
    config: Object.freeze({ shift }),
    at(time): NoiseLevel {
      const t = unitTime(time, 'continuous-cosine.at');
      const signal = Math.sin((Math.PI / 2) * (1 - t)); // cos(pi t / 2), but exactly 0 at time 1
      const noise = shift * Math.sin((Math.PI / 2) * t);
      const norm = Math.hypot(signal, noise);
      const [alpha, sigma] = [signal / norm, noise / norm];
      return { alpha, sigma, velocity: { clean: -sigma, noise: alpha } };
    },
    sampleTime: (uniform) => insideUnitTime(uniform()),
  };
}

/** The continuous cosine schedule as a plugin's contribution: `noise-schedule`, `continuous-cosine`. */
export const continuousCosineContribution: Contribution<'noise-schedule'> = {
  kind: 'noise-schedule',
  name: 'continuous-cosine',
  description: 'The cosine schedule in continuous time, with a shift for large pictures (simple diffusion).',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      shift: {
        type: 'number',
        ...shiftRange,
        default: 1,
        description: 'What noise is multiplied by, relative to signal; above 1 for large pictures.',
      },
    },
  },
  create: (config) => createContinuousCosineSchedule(config as ContinuousCosineOptions),
};
