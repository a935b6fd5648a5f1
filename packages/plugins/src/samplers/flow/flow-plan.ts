import { type SamplingRequest, TransfuseError } from '@transfuse/core/contracts';
import type { FlowSpacing } from './flow-spacing.ts';
import { checkPlan, requestedList, requestedSteps } from '../requested-steps.ts';
import { spacedSigmas } from '../sigma-spacing.ts';

// At which shares of noise, sigma / (alpha + sigma), a flow-matching sampler asks the network. Shares are first spread
// evenly, from the schedule's largest down to that of one timestep; then shifted, stretched and perhaps spread anew, as
// the settings say. The constant shift acts twice, on the ends and on what lies between, as in diffusers; lists given in
// a request are taken in float32, as there.

/** The shares of noise of a run. */
export interface FlowPlan {
  /** One per evaluation, falling, and 0 at the end. */
  readonly shares: readonly number[];
  /** What the network is told, 0 to 1, where the request gave timesteps; else the shares are told. */
  readonly times: readonly number[] | undefined;
}

/** Plans the shares of a run between two shares of the schedule; throws `schedule.invalid`. */
export function planFlow(
  sampler: string,
  spacing: FlowSpacing,
  request: SamplingRequest,
  range: { readonly largest: number; readonly smallest: number },
): FlowPlan {
  const { timesteps } = spacing;
  const told = requestedList(sampler, 'timesteps', request, { minimum: 0, maximum: timesteps })?.map(Math.fround);
  const given = requestedList(sampler, 'sigmas', request, { minimum: 0, maximum: 1 })?.map(Math.fround);
  if (told !== undefined && given !== undefined && told.length !== given.length) {
    throw new TransfuseError({
      code: 'schedule.invalid',
      place: `${sampler}.timesteps`,
      found: `${told.length} with ${given.length} sigmas`,
      expected: 'lists of one length',
      mend: 'Give as many timesteps as sigmas.',
    });
  }
  const listed = given ?? told?.map((timestep) => Math.fround(timestep / timesteps));
  const round = listed === undefined ? (value: number) => value : Math.fround;
  const even = listed ?? evenShares(sampler, spacing, request, range);
  const shifted = shiftShares(sampler, spacing, request, even, round);
  const stretched = spacing.terminal === 0 ? shifted : stretchTo(spacing.terminal, shifted, round);
  const shares = spread(spacing, stretched).map(Math.fround);
  checkPlan(sampler, shares);
  return { shares: [...shares, 0], times: told?.map((timestep) => timestep / timesteps) };
}

/** Evenly between the ends; a constant shift has already moved those, in float32. */
function evenShares(
  sampler: string,
  { timesteps, shift, dynamicShift }: FlowSpacing,
  request: SamplingRequest,
  range: { readonly largest: number; readonly smallest: number },
): number[] {
  const steps = requestedSteps(sampler, request);
  const [largest, smallest] = [range.largest, range.smallest].map((end) => {
    const share = Math.fround(end);
    return dynamicShift === 'none' ? shiftShare(share, shift, Math.fround) : share;
  }) as [number, number];
  const [from, to] = [largest * timesteps, smallest * timesteps];
  const stride = steps === 1 ? 0 : (to - from) / (steps - 1);
  return Array.from({ length: steps }, (_, i) => (i > 0 && i === steps - 1 ? to : from + i * stride) / timesteps);
}

type Rounding = (value: number) => number;

function shiftShare(share: number, shift: number, round: Rounding): number {
  return round(round(round(shift) * share) / round(1 + round(round(shift - 1) * share)));
}

function shiftShares(
  sampler: string,
  spacing: FlowSpacing,
  request: SamplingRequest,
  shares: readonly number[],
  round: Rounding,
): number[] {
  if (spacing.dynamicShift === 'none') return shares.map((share) => shiftShare(share, spacing.shift, round));
  const mu = shiftExponent(sampler, spacing, request);
  const factor = round(spacing.dynamicShift === 'exponential' ? Math.exp(mu) : mu);
  return shares.map((share) => round(factor / round(factor + round(round(1 / share) - 1))));
}

/** Mu, as given or on the line through two numbers of tokens. */
function shiftExponent(sampler: string, spacing: FlowSpacing, { mu, tokens }: SamplingRequest): number {
  if (mu !== undefined && Number.isFinite(mu)) return mu;
  if (mu === undefined && tokens !== undefined && tokens > 0) {
    const slope = (spacing.maximumShift - spacing.baseShift) / (spacing.maximumTokens - spacing.baseTokens);
    return tokens * slope + spacing.baseShift - slope * spacing.baseTokens;
  }
  throw new TransfuseError({
    code: 'schedule.invalid',
    place: `${sampler}.begin, mu`,
    found: `mu ${mu}, tokens ${tokens}`,
    expected: 'the block’s number of tokens, or mu itself, for a dynamic shift',
    mend: 'Give one of them in the request, or set dynamicShift to "none".',
  });
}

function stretchTo(terminal: number, shares: readonly number[], round: Rounding): number[] {
  const factor = round(round(1 - (shares.at(-1) as number)) / round(1 - terminal));
  return shares.map((share) => round(1 - round(round(1 - share) / factor)));
}

function spread({ spacing, largest, smallest }: FlowSpacing, shares: number[]): number[] {
  if (spacing === 'training') return shares;
  const ends = { largest: largest ?? (shares[0] as number), smallest: smallest ?? (shares.at(-1) as number) };
  return spacedSigmas(spacing, { steps: shares.length, ...ends });
}
