import { type PredictionType, type SamplerState, type SamplingRun, TransfuseError } from '@transfuse/core/contracts';
import { float64 } from '@transfuse/core/elements';
import { elementKernel } from '../element-kernel.ts';
import { type EstimatePoint, heldPart } from './held-clean.ts';
import { createSamplingRun } from '../sampling-run.ts';
import type { SigmaLadder } from './sigma-ladder.ts';
import type { SigmaSpace } from './sigma-space.ts';
import type { Spacing } from '../time-spacing.ts';

// A run in the space of sigma: between its evaluations the latent goes from what the network sees to u and back. A state
// keeps u in its memory beside the latent, because float32 loses digits on the way; the latent has the last word, so
// where somebody changed it (inpainting), u is computed from it anew.

/** One evaluation of a method. */
interface SigmaStop {
  readonly sigma: number;
  /** What the network is told; default the schedule's time at that sigma. */
  readonly time?: number;
}

/** What a method is given at an evaluation; its arrays are not to be written to. */
export interface SigmaPoint extends EstimatePoint {
  /** What the method kept at earlier evaluations. */
  readonly kept: readonly Float32Array[];
  readonly noise: () => Float32Array;
}

/** What a method makes of it: u in a new array. */
interface SigmaAdvance {
  /** u at the next evaluation; the result after the last. */
  readonly u: Float32Array;
  /** What later evaluations need; default nothing. */
  readonly kept?: readonly Float32Array[];
}

/** A method, planned. */
export interface SigmaMethod {
  /** The sampler's name, for messages. */
  readonly sampler: string;
  readonly space: SigmaSpace;
  readonly ladder: SigmaLadder;
  readonly spacing: Spacing;
  readonly prediction: PredictionType;
  readonly stops: readonly SigmaStop[];
  /** The evaluation each step begins with; default every one. */
  readonly steps?: readonly number[];
  readonly advance: (index: number, point: SigmaPoint) => SigmaAdvance;
}

/** Makes the run of a method. */
export function createSigmaRun(method: SigmaMethod): SamplingRun {
  const { sampler, space, stops, advance } = method;
  const held = heldPart(space, method.prediction);
  const divisors = stops.map(({ sigma }) => space.divisor(sigma));
  const evaluations = stops.map(({ sigma, time }) => space.evaluation(sigma, time));
  const seen = (u: Float32Array, index: number, kept: readonly Float32Array[] = []) => {
    if (space.straight) return { latent: u, memory: kept };
    return { latent: divided({ u }, { divisor: divisors[index]! }).latent, memory: [u, ...kept] };
  };
  const run = createSamplingRun({
    sampler,
    evaluations,
    ...(method.steps && { steps: method.steps }),
    advance(index, state, estimate, noise) {
      const { sigma } = stops[index]!;
      const u = space.straight ? state.latent : unscaled(state, divisors[index]!);
      const { level } = evaluations[index]!;
      const kept = space.straight ? state.memory : state.memory.slice(1);
      const next = advance(index, { u, latent: state.latent, sigma, level, estimate, held, kept, noise });
      return index === stops.length - 1 ? { latent: next.u } : seen(next.u, index + 1, next.kept);
    },
  });
  if (space.straight) return run;
  const first = firstDeviation(method);
  return {
    ...run,
    start(noise, options) {
      const { index } = run.start(noise, options); // which checks the arguments
      const { sigma } = stops[index]!;
      const deviation = index === 0 ? first : Math.hypot(sigma, 1);
      const clean = options?.clean;
      const u = noise.map((value, i) =>
        clean === undefined ? value * deviation : clean[i]! + Math.fround(value * sigma),
      );
      return { index, ...seen(u, index) };
    },
  };
}

/**
 * What unit noise is multiplied by to begin: the deviation of noisy unit data; over a table, spacings that begin at its
 * end begin with noise alone.
 */
function firstDeviation({ space, ladder, spacing }: SigmaMethod): number {
  const { fround, sqrt } = Math;
  if (!space.tabled) return Math.hypot(ladder.sigmas[0]!, 1);
  const largest = ladder.sigmas.reduce((most, sigma) => Math.max(most, sigma), 0);
  return spacing === 'leading' ? fround(sqrt(fround(fround(largest * largest) + 1))) : largest;
}

const divided = elementKernel({ arrays: ['u'], numbers: ['divisor'] }, ({ u, divisor }) => ({
  latent: float64.over(u, divisor),
}));

/** The latent in the space of sigma: as remembered, where that is still what the latent shows. */
function unscaled({ latent, memory }: SamplerState, divisor: number): Float32Array {
  const remembered = memory[0]?.length === latent.length ? memory[0] : latent;
  const changed = firstChange(remembered, latent, divisor);
  if (changed === latent.length) return remembered;
  const u = remembered.slice();
  for (let i = changed; i < u.length; i += 1) {
    const shown = latent[i]!;
    if (Math.fround(u[i]! / divisor) !== shown) u[i] = shown * divisor;
  }
  return u;
}

/** The first place at which a latent is not what u shows, or its length: nobody has changed it. */
function firstChange(u: Float32Array, latent: Float32Array, divisor: number): number {
  let i = 0;
  while (i < latent.length && Math.fround(u[i]! / divisor) === latent[i]!) i += 1;
  return i;
}

/** What a step's earlier evaluation kept; throws `schedule.invalid` where a state lacks it. */
export function keptAt(point: SigmaPoint, place: number, sampler: string): Float32Array {
  const values = point.kept[place];
  if (values?.length === point.u.length) return values;
  throw new TransfuseError({
    code: 'schedule.invalid',
    place: `${sampler}.step, state.memory`,
    found: `${point.kept.length} usable latents`,
    expected: 'all that the evaluation before left there',
    mend: 'Store and read back the whole state, and begin only at an evaluation listed in steps.',
  });
}
