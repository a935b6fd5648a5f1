import { type NoiseLevel, type NoiseSchedule, TransfuseError } from '@transfuse/core/contracts';
import { alphasCumprod, rescaleZeroTerminalSnr } from './beta-table.ts';
import { unitTime } from './unit-time.ts';

// What all variance-preserving schedules over discrete timesteps have in common once their betas are known (Ho et al.
// 2020): noise levels looked up in the table of remaining signal, and training times uniform over the timesteps.
// Timestep n stands at time n / T, so the noisiest, T - 1, stands just before time 1.

/** What makes one discrete schedule differ from another. */
export interface DiscreteScheduleParts {
  /** The schedule's name, for its configuration and for messages. */
  readonly name: string;
  /** The share of variance that each timestep replaces by noise, `[T]`, in (0, 1]. */
  readonly betas: Float32Array;
  /** Whether the last timestep is to be pure noise. */
  readonly zeroTerminalSnr: boolean;
  /** The settings that lead to the betas; `zeroTerminalSnr` is added to them. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * The schedule of these betas. `at(time)` takes the timestep nearest to `time * T`, at most `T - 1`, and gives
 * `alpha = sqrt(alphasCumprod[n])`, `sigma = sqrt(1 - alphasCumprod[n])`, so `alpha² + sigma² = 1`, with the velocity of
 * v-prediction (Salimans and Ho 2022), `alpha * noise - sigma * clean`. `sampleTime` is uniform over the timesteps.
 *
 * Throws `schedule.invalid` where `zeroTerminalSnr` cannot be had: for one timestep, or betas so large that the signal
 * is gone before the last. `at` throws it for NaN.
 */
export function createDiscreteSchedule({
  name,
  betas,
  zeroTerminalSnr,
  settings,
}: DiscreteScheduleParts): NoiseSchedule {
  const timesteps = betas.length;
  const table = alphasCumprod(zeroTerminalSnr ? rescaleZeroTerminalSnr(betas) : betas); // [T]
  if (zeroTerminalSnr) checkRescaled(name, table);
  return {
    name,
    timesteps,
    config: Object.freeze({ ...settings, zeroTerminalSnr }),
    at(time): NoiseLevel {
      const timestep = Math.min(timesteps - 1, Math.round(unitTime(time, `${name}.at`) * timesteps));
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

function checkRescaled(name: string, table: Float32Array): void {
  if (table.every((signal) => !Number.isNaN(signal))) return;
  throw new TransfuseError({
    code: 'schedule.invalid',
    place: `${name}.zeroTerminalSnr`,
    found: table.length === 1 ? 'true with one timestep' : 'true with a signal that is gone before the last timestep',
    expected: 'a signal that shrinks over at least two timesteps and is left until the last',
    mend: 'Set it to false, or take more timesteps than one and smaller betas.',
  });
}
