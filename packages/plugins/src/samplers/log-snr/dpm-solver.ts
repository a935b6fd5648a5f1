import type { Contribution, Sampler } from '@transfuse/core/contracts';
import { choiceSetting } from '../../schedules/setting.ts';
import { type DpmAlgorithm, type DpmIntegrals, dpmIntegrals, integratesClean } from './dpm-integrals.ts';
import { type DpmOptions, dpmSchemas, dpmSettings } from './dpm-settings.ts';
import { dpmTerms } from './dpm-terms.ts';
import { slopesBackward } from './estimate-slopes.ts';
import { planLogSnr } from './log-snr-plan.ts';
import { isClean, type LogSnrPoint, stepsToPlan } from './log-snr-point.ts';
import { multistepSum } from '../multistep-sum.ts';
import { cleanEstimate, noiseEstimate } from './noise-estimate.ts';
import { plannedWeights } from '../planned-weights.ts';
import { createSamplingRun } from '../sampling-run.ts';

// DPM-Solver and DPM-Solver++ as multistep methods (Lu et al. 2022, arXiv 2206.00927 and 2211.01095): one evaluation a
// step; slope and curvature of the estimate come from earlier evaluations, by finite differences in lambda. Where there
// are none yet, at the beginning, the order is lower.

/** Settings of {@link createDpmSolverSampler}. */
export interface DpmSolverOptions extends DpmOptions {
  /** Whether the last two steps of a run of fewer than 15 steps are of lower order. @default true */
  readonly lowerOrderFinal?: boolean;
  /** Whether the last step is always of order 1; it is anyway where it ends at clean data. @default false */
  readonly eulerAtFinal?: boolean;
}

const sampler = 'dpm-solver';
const fewSteps = 15;
const f = Math.fround;

/**
 * DPM-Solver as a multistep method, over any schedule, with the numbers of diffusers' `DPMSolverMultistepScheduler`.
 * Over flow matching it integrates the same ODE over straight paths, with `shift` as there. The SDE forms call `noise`
 * once in every step. Order 3 counts the estimate's curvature half, as the authors' code does, so it is of order 2 in the
 * limit of many steps, if more exact with few; with an SDE it is of order 1 there. Order 2 is the safe choice.
 *
 * Throws `schedule.invalid` for a setting out of range, and for order 3 of `sde-dpmsolver`, which is not known; `begin`
 * throws it for requests that cannot be met: sigmas, timesteps with `sigmas` other than `training` or over straight
 * paths, and more steps than a discrete schedule has room for. `begin` and `step` throw it as the contract says.
 *
 * @example
 * ```ts
 * import { createDpmSolverSampler } from '@transfuse/plugins/samplers';
 * import { createCosineSchedule } from '@transfuse/plugins/schedules';
 * const run = createDpmSolverSampler({ sigmas: 'karras' }).begin(createCosineSchedule(), { steps: 20 });
 * console.assert(run.evaluations.length === 20 && run.evaluations[0].time === 0.999);
 * ```
 */
export function createDpmSolverSampler(options: DpmSolverOptions = {}): Sampler {
  const config = Object.freeze({
    ...dpmSettings(sampler, options),
    lowerOrderFinal: flag('lowerOrderFinal', options.lowerOrderFinal, true),
    eulerAtFinal: flag('eulerAtFinal', options.eulerAtFinal, false),
  });
  const { algorithm, order } = config;
  const stochastic = algorithm.startsWith('sde');
  return {
    name: sampler,
    config,
    begin(schedule, request) {
      const plan = planLogSnr(schedule, request, config, { sampler, timesteps: 'allowed', straight: { kind: 'open' } });
      const { evaluations, points, startScale } = plan;
      const { length } = evaluations;
      const reading = { path: plan.path, limit: config, prediction: config.prediction, throughClean: false };
      const few = config.lowerOrderFinal && length < fewSteps;
      const orderAt = (index: number, known: number): number => {
        if (index === length - 1 && (few || config.eulerAtFinal)) return 1;
        return Math.min(order, known, few && index === length - 2 ? 2 : 3);
      };
      const weightsOf = plannedWeights(
        stepsToPlan(points),
        (index) => orderAt(index, index + 1),
        (index, used) => stepWeights(algorithm, points, index, used),
      );
      return createSamplingRun({
        sampler,
        evaluations,
        ...(startScale !== undefined && { startScale }),
        advance(index, { latent, memory }, estimate, noise) {
          const to = points[index + 1] as LogSnrPoint;
          if (isClean(to)) return { latent: cleanEstimate(estimate, config).slice() };
          const current = integratesClean(algorithm)
            ? cleanEstimate(estimate, config)
            : noiseEstimate(latent, estimate, { ...reading, point: points[index] as LogSnrPoint });
          const outputs = [current, ...memory];
          const { integrals, ratios } = weightsOf(index, orderAt(index, outputs.length));
          const slopes = ratios.length === 0 ? undefined : slopesBackward(outputs, ratios);
          const terms = dpmTerms(config.solver, integrals, latent, current, slopes);
          if (stochastic) terms.push([integrals.noise, noise()]);
          return { latent: multistepSum(terms), memory: outputs.slice(0, order - 1) };
        },
      });
    },
  };
}

/** A step's integrals, and the intervals between the levels of its outputs as multiples of it. */
interface StepWeights {
  readonly integrals: DpmIntegrals;
  readonly ratios: readonly number[];
}

/** The weights of a step that reads so many outputs, at its beginning and before. */
function stepWeights(
  algorithm: DpmAlgorithm,
  points: readonly LogSnrPoint[],
  index: number,
  outputs: number,
): StepWeights {
  const at = points[index] as LogSnrPoint;
  const integrals = dpmIntegrals(algorithm, at, points[index + 1] as LogSnrPoint);
  const ratios: number[] = [];
  for (let i = 1; i < outputs; i += 1) {
    const [later, earlier] = [points[index + 1 - i] as LogSnrPoint, points[index - i] as LogSnrPoint];
    const interval = f(later.lambda - earlier.lambda);
    if (interval === 0 || integrals.h === 0) break; // no slope between two equal levels, and none needed
    ratios.push(f(interval / integrals.h));
  }
  return { integrals, ratios };
}

function flag(field: string, value: boolean | undefined, fallback: boolean): boolean {
  return choiceSetting<boolean>({ place: `${sampler}.${field}`, value, fallback, choices: [true, false] });
}

/** DPM-Solver as a plugin's contribution: `sampler`, `dpm-solver`. */
export const dpmSolverContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: sampler,
  description: 'DPM-Solver++ and its kin as multistep methods (Lu et al. 2022): good from 10 to 30 steps.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...dpmSchemas,
      lowerOrderFinal: {
        type: 'boolean',
        default: true,
        description: 'Lower order in the last two of fewer than 15 steps.',
      },
      eulerAtFinal: { type: 'boolean', default: false, description: 'Order 1 in the last step.' },
    },
  },
  create: (config) => createDpmSolverSampler(config as DpmSolverOptions),
};
