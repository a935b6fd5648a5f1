import {
  type NoiseLevel,
  type PlannedEvaluation,
  type SamplingRequest,
  TransfuseError,
} from '@transfuse/core/contracts';
import type { TimestepChain } from '../timestep-chain.ts';
import { plannedTimesteps, type Spacing } from '../time-spacing.ts';

// What a pseudo numerical run asks the network, in which order (Liu et al. 2022, arXiv 2202.09778, algorithm 2, counted
// as diffusers counts). A linear multistep method needs earlier outputs, which the first steps have to make:
//   runge-kutta  three steps of four evaluations each: at the start, twice in the middle, at the end
//   multistep    one step of two evaluations (start, then end, and the step is redone with their mean), then steps of
//                one evaluation and a rising number of earlier outputs
// Over discrete timesteps a step goes floor(T / steps) down, and its middle is half of that, in whole timesteps, below.

/** How a run makes its first outputs. */
export type PndmWarmUp = 'multistep' | 'runge-kutta';

/** What is done with an evaluation's output. */
export type PndmPart =
  /** Combined with earlier outputs. */
  | 'multistep'
  /** Taken as it is; the next evaluation returns to the start of the step. */
  | 'opening'
  /** Averaged with the opening's output, for a step from the opening's latent. */
  | 'return'
  /** The four stages of a Runge-Kutta step. */
  | 0
  | 1
  | 2
  | 3;

/** One evaluation and the move that follows it. */
export interface PndmMove {
  readonly evaluation: PlannedEvaluation;
  readonly part: PndmPart;
  /** Where the step starts, and where this evaluation takes it. */
  readonly from: NoiseLevel;
  readonly to: NoiseLevel;
}

/** A planned run. */
export interface PndmPlan {
  readonly moves: readonly PndmMove[];
  readonly steps: readonly number[];
}

/** What to plan by. */
export interface PndmPlanOptions {
  readonly warmUp: PndmWarmUp;
  readonly spacing: Spacing;
  readonly stepsOffset: number;
  /** The level below the first timestep. */
  readonly end: NoiseLevel;
}

/** Plans a run; throws `schedule.invalid` for a request that cannot be met, such as fewer than four Runge-Kutta steps. */
export function pndmPlan(chain: TimestepChain, request: SamplingRequest, options: PndmPlanOptions): PndmPlan {
  const starts = plannedTimesteps(chain, request, { ...options, sampler: 'pndm', custom: 'refused' });
  const stride = chain.whole ? Math.floor(chain.timesteps / starts.length) : chain.timesteps / starts.length;
  const half = chain.whole ? Math.floor(stride / 2) : stride / 2;
  const clean = chain.whole ? 0 : 1e-6; // timesteps below this are the end; continuous ones are subject to rounding
  const levelAt = (timestep: number) => (timestep < clean ? options.end : chain.evaluation(timestep).level);
  // `told` is the timestep the network is told, `at` where its latent stands.
  const move = (part: PndmPart, told: number, from: number, to: number, at = told): PndmMove => ({
    evaluation: { time: chain.evaluation(told).time, level: levelAt(at) },
    part,
    from: levelAt(from),
    to: levelAt(to),
  });
  const multistep = (start: number) => move('multistep', start, start, start - stride);
  if (options.warmUp === 'multistep') {
    const [first, second, ...rest] = starts as [number, number?, ...number[]];
    if (second === undefined) return { moves: [multistep(first)], steps: [0] };
    const opening = move('opening', first, first, first - stride);
    const back = move('return', second, second + stride, second);
    const moves = [opening, back, ...[second, ...rest].map(multistep)];
    return { moves, steps: moves.map((_, index) => index).filter((index) => index !== 1) };
  }
  if (starts.length < 4) throw tooFewSteps(starts.length);
  const rungeKutta = [0, 1, 2].flatMap((step) => {
    const [start, end] = [starts[step] as number, starts[step + 1] as number];
    const middle = end + half;
    return [
      move(0, start, start, start - half),
      move(1, middle, start, middle, start - half),
      move(2, middle, start, end),
      move(3, end, start, end),
    ];
  });
  const moves = [...rungeKutta, ...starts.slice(3).map(multistep)];
  return { moves, steps: [0, 4, 8, ...starts.slice(3).map((_, index) => 12 + index)] };
}

function tooFewSteps(steps: number): TransfuseError {
  return new TransfuseError({
    code: 'schedule.invalid',
    place: 'pndm.steps',
    found: `${steps}`,
    expected: 'at least 4 with warmUp runge-kutta, which takes the first three',
    mend: 'Ask for more steps, or set pndm.warmUp to "multistep".',
  });
}
