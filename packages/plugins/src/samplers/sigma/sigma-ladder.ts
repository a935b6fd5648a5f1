import type { NoiseSchedule, SamplingRequest } from '@transfuse/core/contracts';
import { linearSpace } from '../../schedules/beta-table.ts';
import { checkedSigmas, checkedSteps, checkedTimesteps, reachableSigmas, refuseRequest } from './ladder-request.ts';
import type { LadderSettings } from './ladder-settings.ts';
import type { NoiseAxis } from '../noise-axis.ts';
import { spacedSigmas } from '../sigma-spacing.ts';
import { ladderTimesteps, roundHalfToEven } from './timestep-ladder.ts';

// The noise levels that a run in sigma space climbs down, one per step and one to end at, and the time that the network
// is told at each (Karras et al. 2022, section 3). Over a discrete variance-preserving schedule both equal those of
// diffusers to the last bit of float32, in which that library keeps its table of sigmas; a continuous schedule is
// asked at the times 1, 1 - 1 / steps, … and its numbers are not rounded.

/** The levels of a run. */
export interface SigmaLadder {
  /** Falling. Step i goes from `sigmas[i]` to `sigmas[i + 1]`; there may be more of them than steps need. */
  readonly sigmas: readonly number[];
  /** What the network is told where each step begins, `[steps]`. */
  readonly times: readonly number[];
  /** How coefficients are rounded: to float32 where the reference computes them so, else not at all. */
  readonly round: (value: number) => number;
}

/** How a ladder is laid. */
export interface LadderPlan extends LadderSettings {
  /** The sampler's name, for messages. */
  readonly sampler: string;
  /** What a request may bring itself. */
  readonly custom: readonly ('timesteps' | 'sigmas')[];
  /** The largest sigma where they are spread anew; default that of the first timestep. */
  readonly sigmaMax?: number | undefined;
  /** The smallest sigma above the end where they are spread anew; default that of the last timestep. */
  readonly sigmaMin?: number | undefined;
  /** Between two timesteps sigma is linear, or instead sigmas are even in their logarithm over the whole table. */
  readonly interpolation?: 'linear' | 'log-linear';
  /** Where the last step ends. Default `clean`, sigma 0. */
  readonly end?: 'clean' | 'first-timestep';
  /** Whether the network is told the nearest whole timestep where Karras' sigmas fall between two. */
  readonly wholeTimesteps?: boolean;
}

/** Lays the ladder of a request over a schedule; throws `schedule.invalid` for what it cannot honour. */
export function layLadder(
  schedule: NoiseSchedule,
  axis: NoiseAxis,
  request: SamplingRequest,
  plan: LadderPlan,
): SigmaLadder {
  refuseRequest(request, plan);
  const table = axis.table && sigmaTable(schedule, axis, axis.table);
  const exact = table === undefined || axis.path !== 'variance-preserving';
  const round = exact ? (value: number) => value : Math.fround;
  const timestepOf = table === undefined || exact ? axis.timestepOf : timestepsIn(table);
  const timeOf = (sigma: number) => round(timestepOf(sigma)) / axis.timesteps;
  if (request.sigmas !== undefined) {
    const sigmas = checkedSigmas(request.sigmas, axis, plan.sampler).map(round);
    return { sigmas, times: sigmas.slice(0, -1).map(timeOf), round };
  }
  const steps = request.timesteps?.length ?? checkedSteps(request.steps, axis, plan);
  const counted = request.timesteps && checkedTimesteps(request.timesteps, plan.sampler).map(round);
  const last = plan.end === 'first-timestep' ? (table?.[0] ?? axis.sigmaAt(0)) : 0;
  let [sigmas, times] =
    table === undefined
      ? continuousLevels(axis, counted, steps)
      : discreteLevels(table, counted ?? ladderTimesteps(table.length, steps, plan), steps, plan);
  if (plan.sigmas !== 'training') {
    const range = { largest: plan.sigmaMax ?? sigmas[0]!, smallest: plan.sigmaMin ?? sigmas.at(-1)! };
    sigmas = spacedSigmas(plan.sigmas, { steps, ...range });
    const whole = plan.wholeTimesteps === true && plan.sigmas === 'karras' && table !== undefined;
    times = whole ? sigmas.map((sigma) => roundHalfToEven(timestepOf(sigma)) / axis.timesteps) : sigmas.map(timeOf);
  }
  return { sigmas: reachableSigmas([...sigmas, last].map(round), axis, plan.sampler), times, round };
}

/** Sigma of every timestep, rising, `[T]`: in float32 step by step from the share of signal that the level stands for. */
function sigmaTable(schedule: NoiseSchedule, axis: NoiseAxis, table: Float64Array): Float64Array {
  if (axis.path !== 'variance-preserving') return table;
  const { fround, sqrt } = Math;
  return table.map((_, timestep) => {
    const { alpha } = schedule.at(timestep / axis.timesteps);
    const signal = fround(alpha * alpha) || 2 ** -24; // what diffusers puts where nothing is left of the signal
    return fround(sqrt(fround(fround(1 - signal) / signal)));
  });
}

type Levels = [sigmas: readonly number[], times: readonly number[]];

function continuousLevels(axis: NoiseAxis, counted: readonly number[] | undefined, steps: number): Levels {
  const times =
    counted?.map((timestep) => timestep / axis.timesteps) ?? Array.from({ length: steps }, (_, i) => 1 - i / steps);
  return [times.map((time) => (axis.path === 'straight' ? time : axis.sigmaAt(time * axis.timesteps))), times];
}

function discreteLevels(table: Float64Array, counted: readonly number[], steps: number, plan: LadderPlan): Levels {
  const times = counted.map((timestep) => timestep / table.length);
  if (plan.interpolation !== 'log-linear') return [counted.map((timestep) => interpolated(table, timestep)), times];
  const [largest, smallest] = [table.at(-1)!, table[0]!].map((sigma) => Math.fround(Math.log(sigma)));
  return [Array.from(linearSpace(largest!, smallest!, steps + 1), (log) => Math.fround(Math.exp(log))), times];
}

/** The timestep at a sigma, by the logarithms that the reference keeps in float32; outside the table its nearer end. */
function timestepsIn(table: Float64Array): (sigma: number) => number {
  const logs = Float32Array.from(table, Math.log);
  return (sigma) => {
    const wanted = Math.log(Math.max(sigma, 1e-10));
    let low = 0;
    for (let high = logs.length - 2; low < high;) {
      const middle = Math.ceil((low + high) / 2);
      if (logs[middle]! <= wanted) low = middle;
      else high = middle - 1;
    }
    if (logs.length < 2) return 0;
    const part = (logs[low]! - wanted) / Math.fround(logs[low]! - logs[low + 1]!);
    return low + Math.min(1, Math.max(0, part));
  };
}

/** Linear between the two nearest timesteps; outside the table its nearer end. */
function interpolated(table: Float64Array, timestep: number): number {
  if (timestep <= 0) return table[0]!;
  if (timestep >= table.length - 1) return table.at(-1)!;
  const low = Math.floor(timestep);
  return (table[low + 1]! - table[low]!) * (timestep - low) + table[low]!;
}
