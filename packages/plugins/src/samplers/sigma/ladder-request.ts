import { type SamplingRequest, TransfuseError } from '@transfuse/core/contracts';
import type { NoiseAxis } from '../noise-axis.ts';
import type { LadderPlan } from './sigma-ladder.ts';

// What a request for a run in sigma space may ask, checked before a ladder of noise levels is laid: steps that the
// spacing can count, and timesteps or sigmas of the caller's own only where the sampler takes them, falling.

/** Refuses timesteps and sigmas that the sampler cannot take; throws `schedule.invalid`. */
export function refuseRequest(request: SamplingRequest, plan: LadderPlan): void {
  for (const field of ['timesteps', 'sigmas'] as const) {
    if (request[field] === undefined || plan.custom.includes(field)) continue;
    throw invalid(plan.sampler, field, 'a list', 'none: this sampler plans its own', 'Ask for a number of steps.');
  }
  if (request.timesteps !== undefined && request.sigmas !== undefined) {
    throw invalid(plan.sampler, 'sigmas', 'a list beside timesteps', 'one of both', 'Leave one of them out.');
  }
  if (request.timesteps !== undefined && plan.sigmas !== 'training') {
    const mend = `Leave them out, or set ${plan.sampler}.sigmas to "training".`;
    throw invalid(plan.sampler, 'timesteps', `a list with sigmas ${plan.sigmas}`, 'no timesteps with it', mend);
  }
}

/** The number of steps, where the spacing can count so many; throws `schedule.invalid`. */
export function checkedSteps(steps: number, axis: NoiseAxis, plan: LadderPlan): number {
  if (!Number.isInteger(steps) || steps < 1) {
    throw invalid(plan.sampler, 'steps', String(steps), 'a positive integer', 'Ask for at least one step.');
  }
  // More steps than timesteps repeat some of them, save where sigmas lie between timesteps.
  const between = plan.spacing === 'linspace' || (plan.spacing === 'trailing' && plan.sigmas !== 'training');
  if (axis.table === undefined || between || steps <= axis.timesteps) return steps;
  const expected = `at most ${axis.timesteps}, the timesteps of the schedule`;
  throw invalid(
    plan.sampler,
    'steps',
    String(steps),
    expected,
    `Ask for fewer, or set ${plan.sampler}.spacing to "linspace".`,
  );
}

/** Timesteps of the caller's own; throws `schedule.invalid`. */
export function checkedTimesteps(timesteps: readonly number[], sampler: string): readonly number[] {
  const falls = timesteps.every((timestep, i) => i === 0 || timestep <= timesteps[i - 1]!);
  if (timesteps.length > 0 && timesteps.every(Number.isFinite) && falls) return timesteps;
  throw invalid(sampler, 'timesteps', list(timesteps), 'at least one number, falling', 'Sort them from noise to data.');
}

/** Sigmas of the caller's own, the last of which is where the run ends; throws `schedule.invalid`. */
export function checkedSigmas(sigmas: readonly number[], axis: NoiseAxis, sampler: string): readonly number[] {
  const falls = sigmas.every((sigma, i) => i === 0 || sigma <= sigmas[i - 1]!);
  if (sigmas.length > 1 && falls) return reachableSigmas(sigmas, axis, sampler);
  throw invalid(
    sampler,
    'sigmas',
    list(sigmas),
    'at least two numbers, falling',
    'Sort them from noise to data, the end included.',
  );
}

/** Sigmas at which a latent can stand; throws `schedule.invalid`. */
export function reachableSigmas(sigmas: readonly number[], axis: NoiseAxis, sampler: string): readonly number[] {
  const largest = axis.path === 'straight' ? 1 : Number.MAX_VALUE;
  const isSigma = (sigma: number, i: number) =>
    sigma <= largest && (sigma > 0 || (sigma === 0 && i === sigmas.length - 1));
  if (sigmas.every(isSigma)) return sigmas;
  const expected = `numbers above 0${largest === 1 ? ', at most 1' : ''}, of which only the last may be 0`;
  throw invalid(
    sampler,
    'sigmas',
    list(sigmas),
    expected,
    'Correct what was asked for, or the settings that spread them.',
  );
}

function list(numbers: readonly number[]): string {
  return `[${numbers.slice(0, 8).join(', ')}${numbers.length > 8 ? ', …' : ''}]`;
}

function invalid(sampler: string, field: string, found: string, expected: string, mend: string): TransfuseError {
  return new TransfuseError({ code: 'schedule.invalid', place: `${sampler}.${field}`, found, expected, mend });
}
