/**
 * A second-order multistep sampler, DPM-Solver++(2M) (Lu et al. 2022, arXiv 2211.01095, algorithm 2). Replace the method
 * by yours and keep what surrounds it: the plan, the pure step, the refusals.
 *
 * Between two levels (alpha, sigma) -> (alpha', sigma') the exact solution for a constant clean estimate D is
 *   x' = (sigma' / sigma) x + (alpha' - alpha sigma' / sigma) D.
 * The second order takes for D the present estimate extrapolated by the one before, along the log-SNR.
 */
import {
  type NoiseLevel,
  type NoiseSchedule,
  type PlannedEvaluation,
  type Sampler,
  type SamplerState,
  type SamplingRun,
  TransfuseError,
} from '@transfuse/core/contracts';

/** Settings of {@link createTemplateNameSampler}. */
export interface TemplateNameOptions {
  /** How many clean estimates a step uses, 1 or 2. @default 2 */
  readonly order?: number;
}

/** Creates the sampler. `begin`, `start` and `step` throw `schedule.invalid` for what does not fit. */
export function createTemplateNameSampler({ order = 2 }: TemplateNameOptions = {}): Sampler {
  if (order !== 1 && order !== 2) throw invalid('order', String(order), '1 or 2');
  return {
    name: 'template-name',
    config: { order }, // what `create` needs to make this very sampler again; it is stored in checkpoints
    begin(schedule, { steps }) {
      if (!Number.isInteger(steps) || steps < 1) throw invalid('steps', String(steps), 'a positive integer');
      return createRun(planned(schedule, steps), order);
    },
  };
}

/** Evenly spaced times from 1 (noise), each with the schedule's level there. Clean data, time 0, is where the run ends. */
function planned(schedule: NoiseSchedule, steps: number): readonly PlannedEvaluation[] {
  const { timesteps } = schedule;
  return Array.from({ length: steps }, (_, index) => {
    const even = 1 - index / steps;
    // A discrete schedule is told whole timesteps: n / timesteps, n from timesteps - 1 down.
    const time = timesteps === undefined ? even : Math.round(even * (timesteps - 1)) / timesteps;
    return { time, level: schedule.at(time) };
  });
}

type Level = Pick<NoiseLevel, 'alpha' | 'sigma'>;

const logSnr = ({ alpha, sigma }: Level) => Math.log(alpha / sigma); // -Infinity for noise alone, Infinity for clean data

function createRun(evaluations: readonly PlannedEvaluation[], order: number): SamplingRun {
  const levels: readonly Level[] = [...evaluations.map(({ level }) => level), { alpha: 1, sigma: 0 }];
  return {
    evaluations,
    steps: evaluations.map((_, index) => index), // one evaluation a step; a two-stage method lists every second one
    start(noise, { clean, step = 0 } = {}) {
      const level = evaluations[step]?.level;
      if (level === undefined) throw invalid('step', String(step), `a whole number below ${evaluations.length}`);
      if (clean !== undefined && clean.length !== noise.length) {
        throw invalid('clean', `${clean.length} values`, `${noise.length}, as many as the noise has`);
      }
      const { alpha, sigma } = level;
      const alone = Math.hypot(alpha, sigma); // the deviation of noisy unit data, so that scaled noise can stand for it
      const latent = noise.map((x, i) => (clean === undefined ? alone * x : alpha * clean[i]! + sigma * x));
      return { index: step, latent, memory: [] };
    },
    step(state, estimate) {
      checkStep(state, estimate.clean.length, estimate.noise.length, evaluations.length);
      const { index, latent, memory } = state;
      const [from, to] = [levels[index]!, levels[index + 1]!];
      const [before] = memory;
      const weight = order === 2 && index > 0 && before !== undefined ? extrapolation(levels, index) : 0;
      const keep = to.sigma / from.sigma;
      const add = to.alpha - from.alpha * keep;
      const next = latent.map((x, i) => {
        const now = estimate.clean[i]!;
        return keep * x + add * (now + weight * (now - (before?.[i] ?? now)));
      });
      // All that is remembered goes through the state, which can be stored: keep nothing in variables of the run.
      return { index: index + 1, latent: next, memory: [estimate.clean.slice()] };
    },
  };
}

/** How far to extrapolate: half this step by the step before, in log-SNR; not at all where either is infinite. */
function extrapolation(levels: readonly Level[], index: number): number {
  const [before, now, next] = [levels[index - 1]!, levels[index]!, levels[index + 1]!].map(logSnr) as [
    number,
    number,
    number,
  ];
  const weight = (next - now) / (2 * (now - before));
  return Number.isFinite(weight) ? weight : 0;
}

function checkStep({ index, latent }: SamplerState, clean: number, noise: number, evaluations: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= evaluations) {
    throw invalid('state.index', String(index), `an integer below ${evaluations}`);
  }
  if (clean !== latent.length || noise !== latent.length) {
    throw invalid('estimate', `${clean} clean and ${noise} noise values`, `${latent.length} of each`);
  }
}

function invalid(field: string, found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'schedule.invalid',
    place: `template-name.${field}`,
    found,
    expected,
    mend: 'Correct it, or leave it out where it has a default.',
  });
}
