import { type DenoisingEstimate, type SamplerState, type SamplingRun, TransfuseError } from '@transfuse/core/contracts';
import type { Level, Trajectory } from './trajectory.ts';

// What every one-step sampler's run has in common: how it starts, how a state moves to the next, and the checks at its
// border. What differs, the arithmetic of one step, is handed in. Nothing is kept between calls, so a state that was
// stored and read back goes on as if nothing had happened.

/** The arithmetic of step `index`: the next latent, a new array, from the current one and the network's estimate. */
export type StepArithmetic = (
  index: number,
  latent: Float32Array,
  estimate: DenoisingEstimate,
  normal: () => number,
) => Float32Array;

/**
 * A run along a trajectory. Its first latent is the noise times `sqrt(alpha² + sigma²)` of the first level, the standard
 * deviation there of noisy data of unit variance: exactly 1 for variance-preserving schedules, and for flow matching at
 * time 1. `step` throws `schedule.invalid` for a state that is already finished and for arrays of unequal lengths.
 */
export function createSamplingRun(sampler: string, trajectory: Trajectory, arithmetic: StepArithmetic): SamplingRun {
  const { times, levels } = trajectory;
  const first = levels[0] as Level;
  const scale = Math.sqrt(first.alpha ** 2 + first.sigma ** 2);
  return {
    times,
    start(noise) {
      return { index: 0, latent: noise.map((value) => value * scale), memory: [] };
    },
    step(state, estimate, normal) {
      checkStep(sampler, times.length, state, estimate);
      const latent = arithmetic(state.index, state.latent, estimate, normal);
      return { index: state.index + 1, latent, memory: [] };
    },
  };
}

function checkStep(sampler: string, steps: number, state: SamplerState, estimate: DenoisingEstimate): void {
  if (!Number.isInteger(state.index) || state.index < 0 || state.index >= steps) {
    throw new TransfuseError({
      code: 'schedule.invalid',
      place: `${sampler}.step, state.index`,
      found: String(state.index),
      expected: `an integer from 0 to ${steps - 1}`,
      mend: 'Stop when the index reaches the length of the run’s times, and continue a stored state with as many steps as it began with.',
    });
  }
  const { length } = state.latent;
  if (estimate.clean.length !== length || estimate.noise.length !== length) {
    throw new TransfuseError({
      code: 'schedule.invalid',
      place: `${sampler}.step, estimate`,
      found: `${estimate.clean.length} clean and ${estimate.noise.length} noise values`,
      expected: `${length} of each, as many as the latent has`,
      mend: 'Pass the estimate for this very latent.',
    });
  }
}
