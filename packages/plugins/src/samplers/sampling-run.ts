import {
  type DenoisingEstimate,
  type NoiseLevel,
  type PlannedEvaluation,
  type SamplerState,
  type SamplingRun,
  TransfuseError,
} from '@transfuse/core/contracts';
import { weightedSum } from './weighted-sum.ts';

// What every sampler's run has in common: how it starts, how a state moves on, and the checks at its border. What
// differs, the arithmetic of one evaluation, is handed in. Nothing is kept between calls, so a state that was stored
// and read back goes on as if nothing had happened. A memory may hold arrays of the estimate and of the state before as
// they are, because nothing writes to these: a copy of each would cost as much as the arithmetic.

/** The next latent and memory. */
export interface Advance {
  /** At the level of the next evaluation, clean after the last; a new array. */
  readonly latent: Float32Array;
  /** What later evaluations need to know, new arrays or given ones; default nothing. */
  readonly memory?: readonly Float32Array[];
}

/** The arithmetic of evaluation `index`. */
type StepArithmetic = (
  index: number,
  state: SamplerState,
  estimate: DenoisingEstimate,
  noise: () => Float32Array,
) => Advance;

/** A plan and its arithmetic. */
export interface SamplingPlan {
  /** The sampler's name, for messages. */
  readonly sampler: string;
  readonly evaluations: readonly PlannedEvaluation[];
  /** The evaluation each step begins with; default: every one, for methods of one evaluation a step. */
  readonly steps?: readonly number[];
  /** What unit noise is multiplied by to begin; default: the deviation of noisy unit data, `sqrt(alpha² + sigma²)`. */
  readonly startScale?: number;
  readonly advance: StepArithmetic;
}

/**
 * Makes a run of a plan. `start` throws `schedule.invalid` for a step that is not there and a clean latent of another
 * size; `step` for a state that is already finished and for arrays of unequal lengths.
 */
export function createSamplingRun(plan: SamplingPlan): SamplingRun {
  const { sampler, evaluations, advance } = plan;
  const steps = plan.steps ?? evaluations.map((_, index) => index);
  const scale = plan.startScale ?? deviation((evaluations[0] as PlannedEvaluation).level);
  return {
    evaluations,
    steps,
    start(noise, { clean, step = 0 } = {}) {
      const index = steps[step];
      if (index === undefined) {
        throw invalid(`${sampler}.start, step`, String(step), `a whole number from 0 to ${steps.length - 1}`);
      }
      if (clean === undefined) {
        const { level } = evaluations[index] as PlannedEvaluation;
        const factor = step === 0 ? scale : deviation(level);
        return { index, latent: weightedSum([[factor, noise]]), memory: [] };
      }
      if (clean.length !== noise.length) {
        throw invalid(`${sampler}.start, clean`, `${clean.length} values`, `${noise.length}, as many as the noise has`);
      }
      const { alpha, sigma } = (evaluations[index] as PlannedEvaluation).level;
      const latent = weightedSum([
        [alpha, clean],
        [sigma, noise],
      ]);
      return { index, latent, memory: [] };
    },
    step(state, estimate, noise) {
      checkStep(sampler, evaluations.length, state, estimate);
      const { latent, memory = [] } = advance(state.index, state, estimate, noise);
      return { index: state.index + 1, latent, memory };
    },
  };
}

const deviation = ({ alpha, sigma }: NoiseLevel) => Math.sqrt(alpha * alpha + sigma * sigma);

function checkStep(sampler: string, evaluations: number, state: SamplerState, estimate: DenoisingEstimate): void {
  if (!Number.isInteger(state.index) || state.index < 0 || state.index >= evaluations) {
    throw new TransfuseError({
      code: 'schedule.invalid',
      place: `${sampler}.step, state.index`,
      found: String(state.index),
      expected: `an integer from 0 to ${evaluations - 1}`,
      mend: 'Stop when the index reaches the number of evaluations, and continue a stored state with as many steps as it began with.',
    });
  }
  const { length } = state.latent;
  if (estimate.clean.length !== length || estimate.noise.length !== length) {
    throw invalid(
      `${sampler}.step, estimate`,
      `${estimate.clean.length} clean and ${estimate.noise.length} noise values`,
      `${length} of each, as many as the latent has`,
    );
  }
}

function invalid(place: string, found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'schedule.invalid',
    place,
    found,
    expected,
    mend: 'Pass what belongs to this very run and latent.',
  });
}
