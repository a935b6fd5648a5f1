import { type SamplingRequest, TransfuseError } from '@transfuse/core/contracts';

// Reads what a run is asked for: a number of steps, or a list of timesteps or noise levels in place of planned ones. A
// wrong list would end as noise, so each is checked for its order and range before anything is planned.

/** The number of steps asked for; throws `schedule.invalid` where it is not a positive integer. */
export function requestedSteps(sampler: string, { steps }: Pick<SamplingRequest, 'steps'>): number {
  if (Number.isInteger(steps) && steps >= 1) return steps;
  throw invalid(
    `${sampler}.steps`,
    String(steps),
    'a positive integer',
    'Ask for at least one step; 25 to 50 are usual.',
  );
}

/** A list that falls within [minimum, maximum], or undefined where there is none; throws `schedule.invalid`. */
export function requestedList(
  sampler: string,
  name: 'timesteps' | 'sigmas',
  request: SamplingRequest,
  range: { readonly minimum: number; readonly maximum: number },
): readonly number[] | undefined {
  const list = request[name];
  if (list === undefined) return undefined;
  const { minimum, maximum } = range;
  const within = list.every((value) => value >= minimum && value <= maximum); // false for NaN
  const falling = list.every((value, i) => i === 0 || value < (list[i - 1] as number));
  if (list.length > 0 && within && falling) return list;
  const expected = `falling numbers from ${minimum} to ${maximum}`;
  throw invalid(`${sampler}.${name}`, shown(list), expected, 'Correct the list, or leave it out and give steps.');
}

/** Refuses a list that this sampler cannot follow; throws `schedule.invalid`. */
export function refuseList(sampler: string, name: 'timesteps' | 'sigmas', request: SamplingRequest): void {
  const list = request[name];
  if (list === undefined) return;
  throw invalid(`${sampler}.${name}`, shown(list), 'none: this sampler plans its own', 'Give a number of steps.');
}

/** Insists on noise that is finite and never rises from one evaluation to the next; throws `schedule.invalid`. */
export function checkPlan(sampler: string, sigmas: readonly number[]): void {
  const wrong = sigmas.findIndex((sigma, i) => !Number.isFinite(sigma) || (i > 0 && sigma > (sigmas[i - 1] as number)));
  if (wrong < 0) return;
  throw invalid(
    `${sampler}, sigma of step ${wrong}`,
    String(sigmas[wrong]),
    'finite noise levels that do not rise along the run',
    'Change the shift, the terminal or the spacing, or take another number of steps.',
  );
}

function shown(list: readonly number[]): string {
  return list.length > 6 ? `[${list.slice(0, 6).join(', ')}, … ${list.length} numbers]` : `[${list.join(', ')}]`;
}

function invalid(place: string, found: string, expected: string, mend: string): TransfuseError {
  return new TransfuseError({ code: 'schedule.invalid', place, found, expected, mend });
}
