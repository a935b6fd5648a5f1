import { type SamplingRequest, TransfuseError } from '@transfuse/core/contracts';
import type { LogSnrSettings } from './log-snr-settings.ts';
import { refuseList, requestedList, requestedSteps } from '../requested-steps.ts';
import { spacedSigmas } from '../sigma-spacing.ts';
import { evenly } from './whole-timesteps.ts';

// The noise levels of a run over a straight path (flow matching), where sigma is the time itself. With T timesteps two
// customs are in use, both spread evenly before the shift:
//   open    1 - 1 / T down to just above 0
//   closed  1 down to just above 1 / T; 1 itself, where nothing is left of the signal, becomes 1 - 1e-6
// Other spacings spread sigma / alpha over its range instead.

/** Settings that only the closed custom has. */
interface ClosedSpread {
  readonly kind: 'closed';
  /** The last sigma of the run, by stretching all of them towards it; 0 leaves them. */
  readonly terminal: number;
}

/** How sigmas are spread. */
export type StraightSpread = { readonly kind: 'open' } | ClosedSpread;

/** What is planned. */
export interface StraightLevels {
  readonly sigmas: readonly number[];
  readonly timesteps: readonly number[];
}

/** Plans the levels; throws `schedule.invalid` for a request that cannot be met. */
export function straightSigmas(
  request: SamplingRequest,
  settings: LogSnrSettings,
  traits: {
    readonly sampler: string;
    readonly straight: StraightSpread;
    readonly straightTimesteps?: 'counted' | 'refused';
  },
): StraightLevels {
  const { sampler, straight } = traits;
  if (traits.straightTimesteps !== 'counted') refuseList(sampler, 'timesteps', request);
  else if (request.timesteps !== undefined) {
    const { timesteps, ...rest } = request;
    return straightSigmas({ ...rest, steps: timesteps.length }, settings, traits);
  }
  if (straight.kind === 'open' || settings.sigmas !== 'training') refuseList(sampler, 'sigmas', request);
  const count = settings.trainTimesteps || 1000;
  const sigmas =
    settings.sigmas !== 'training'
      ? ratioSigmas(sampler, request, settings, count)
      : straight.kind === 'open'
        ? openSigmas(sampler, request, settings, count)
        : closedSigmas(sampler, request, settings, count, straight);
  const whole = settings.trainTimesteps === 0 ? (timestep: number) => timestep : Math.trunc;
  return { sigmas, timesteps: sigmas.map((sigma) => whole(sigma * count)) };
}

function openSigmas(sampler: string, request: SamplingRequest, settings: LogSnrSettings, count: number): number[] {
  const steps = requestedSteps(sampler, request);
  const { shift, dynamicShift } = settings;
  if (dynamicShift === 'linear') throw shiftError(sampler, 'dynamicShift "linear"', '"none" or "exponential"');
  const factor = request.mu === undefined ? shift : Math.exp(request.mu);
  return evenly(1, 1 / count, steps + 1)
    .map((alpha) => (factor * (1 - alpha)) / (1 + (factor - 1) * (1 - alpha)))
    .slice(1)
    .toReversed();
}

/** As near to 1 as a sigma may come. */
const nearest = 1e-6;

function closedSigmas(
  sampler: string,
  request: SamplingRequest,
  settings: LogSnrSettings,
  count: number,
  { terminal }: ClosedSpread,
): number[] {
  const given = requestedList(sampler, 'sigmas', request, { minimum: 1e-6, maximum: 1 });
  const even = given ?? evenly(1, 1 / count, requestedSteps(sampler, request) + 1).slice(0, -1);
  const shifted = even.map(shiftOf(request, settings));
  const sigmas = terminal === 0 ? shifted : stretched(shifted, terminal);
  if (Math.abs(sigmas[0]! - 1) < nearest) sigmas[0]! -= nearest;
  return sigmas;
}

function shiftOf({ mu, tokens }: SamplingRequest, { shift, dynamicShift }: LogSnrSettings): (sigma: number) => number {
  if (dynamicShift === 'none') return (sigma) => (shift * sigma) / (1 + (shift - 1) * sigma);
  const exponent = mu ?? exponentOf(tokens as number);
  const factor = dynamicShift === 'exponential' ? Math.exp(exponent) : exponent;
  return (sigma) => factor / (factor + (1 / sigma - 1));
}

/** The usual line for latents of 256 to 4096 tokens: 0.5 to 1.15. */
const exponentOf = (tokens: number) => 0.5 + ((tokens - 256) * (1.15 - 0.5)) / (4096 - 256);

function stretched(sigmas: readonly number[], terminal: number): number[] {
  const factor = (1 - sigmas.at(-1)!) / (1 - terminal);
  return sigmas.map((sigma) => 1 - (1 - sigma) / factor);
}

function ratioSigmas(sampler: string, request: SamplingRequest, settings: LogSnrSettings, count: number): number[] {
  const range = { largest: settings.largest || count - 1, smallest: settings.smallest || 1 / (count - 1) };
  const ratios = spacedSigmas(settings.sigmas as 'karras', { steps: requestedSteps(sampler, request), ...range });
  return ratios.map((ratio) => ratio / (ratio + 1));
}

/** Checks that a request's mu fits the settings; throws `schedule.invalid`. */
export function checkMu(
  request: SamplingRequest,
  { dynamicShift }: LogSnrSettings,
  { sampler, straight }: { readonly sampler: string; readonly straight: StraightSpread },
): void {
  const { mu, tokens } = request;
  if (straight.kind === 'open') {
    if (dynamicShift !== 'none' || mu === undefined) return;
    throw shiftError(sampler, `mu ${mu}`, 'no mu without a dynamic shift');
  }
  if (dynamicShift === 'none' || mu !== undefined || tokens !== undefined) return;
  throw shiftError(sampler, 'neither mu nor tokens', 'one of them for a dynamic shift');
}

function shiftError(sampler: string, found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'schedule.invalid',
    place: `${sampler}.begin, mu`,
    found,
    expected,
    mend: 'Set dynamicShift to what the request brings, or change the request.',
  });
}
