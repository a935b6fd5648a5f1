import { type SamplingRequest, TransfuseError } from '@transfuse/core/contracts';
import type { TimestepChain } from './timestep-chain.ts';

// What a caller may ask of a sampler that goes by timesteps: a number of steps, or the timesteps themselves. Checked here
// once, so that a wrong number ends as a sentence.

/** How many steps are asked for; throws `schedule.invalid` unless it is a whole number from 1 to what the schedule has. */
export function requestedSteps(chain: TimestepChain, { steps }: SamplingRequest, sampler: string): number {
  const most = chain.whole ? chain.timesteps : Number.MAX_SAFE_INTEGER;
  if (Number.isInteger(steps) && steps >= 1 && steps <= most) return steps;
  throw invalid(
    `${sampler}.steps`,
    String(steps),
    chain.whole
      ? `a whole number from 1 to ${most}, the timesteps of the schedule ${chain.name}`
      : 'a positive whole number',
    'Ask for at least one step and no more than the schedule has timesteps; 25 to 250 are usual.',
  );
}

/**
 * The timesteps of the request, cut to whole ones over a discrete schedule, or undefined where it names none. Throws
 * `schedule.invalid` where they do not fall or are out of range, where the sampler has no use for them, and for sigmas.
 */
export function customTimesteps(
  chain: TimestepChain,
  { timesteps, sigmas }: SamplingRequest,
  { sampler, custom }: { readonly sampler: string; readonly custom: 'allowed' | 'refused' },
): readonly number[] | undefined {
  if (sigmas !== undefined) {
    throw invalid(`${sampler}.sigmas`, 'sigmas', 'none: this sampler goes by timesteps', 'Leave sigmas out.');
  }
  if (timesteps === undefined) return undefined;
  if (custom === 'refused') {
    throw invalid(`${sampler}.timesteps`, 'timesteps', 'a number of steps only', 'Leave timesteps out.');
  }
  const found = timesteps.map((timestep) => (chain.whole ? Math.trunc(timestep) : timestep));
  const inRange = (timestep: number) =>
    chain.whole ? timestep >= 0 && timestep < chain.timesteps : timestep > 0 && timestep <= chain.timesteps;
  const wrong = found.findIndex((timestep, i) => !inRange(timestep) || (i > 0 && timestep >= found[i - 1]!));
  if (found.length > 0 && wrong < 0) return found;
  throw invalid(
    `${sampler}.timesteps`,
    found.length === 0 ? 'an empty list' : `${timesteps[wrong]} at index ${wrong}`,
    chain.whole
      ? `falling timesteps from ${chain.timesteps - 1} to 0`
      : `falling numbers above 0, at most ${chain.timesteps}`,
    'List the timesteps from noise to data, each once.',
  );
}

function invalid(place: string, found: string, expected: string, mend: string): TransfuseError {
  return new TransfuseError({ code: 'schedule.invalid', place, found, expected, mend });
}
