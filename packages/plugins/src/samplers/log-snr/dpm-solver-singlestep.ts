import type { Contribution, Sampler, SamplerState } from '@transfuse/core/contracts';
import { choiceSetting } from '../../schedules/setting.ts';
import { type DpmAlgorithm, type DpmIntegrals, dpmIntegrals, integratesClean } from './dpm-integrals.ts';
import { type DpmOptions, dpmSchemas, dpmSettings } from './dpm-settings.ts';
import { dpmTerms } from './dpm-terms.ts';
import { type EstimateSlopes, slopesWithin } from './estimate-slopes.ts';
import { planLogSnr } from './log-snr-plan.ts';
import { isClean, type LogSnrPoint } from './log-snr-point.ts';
import { multistepSum } from '../multistep-sum.ts';
import { cleanEstimate, noiseEstimate } from './noise-estimate.ts';
import { createSamplingRun } from '../sampling-run.ts';

// DPM-Solver and DPM-Solver++ as singlestep methods (Lu et al. 2022, arXiv 2206.00927, algorithms 1 and 2): a step of
// order k takes k evaluations and starts anew from its first latent at each of them. The evaluations share the noise
// levels of the run, so steps of one to three levels follow one another; `steps` of a request counts evaluations, as
// diffusers does, and the run's own `steps` are where a run may begin.

/** Settings of {@link createDpmSolverSinglestepSampler}. */
export interface DpmSolverSinglestepOptions extends DpmOptions {
  /** As of the multistep method, without `sde-dpmsolver`. @default 'dpmsolver++' */
  readonly algorithm?: Exclude<DpmAlgorithm, 'sde-dpmsolver'>;
  /**
   * Whether the run closes with steps of lower order. It does anyway where the number of evaluations is no multiple of
   * the order, and where the run ends at clean data. @default true
   */
  readonly lowerOrderFinal?: boolean;
}

const sampler = 'dpm-solver-singlestep';
const algorithms = ['dpmsolver++', 'dpmsolver', 'sde-dpmsolver++'] as const;
const f = Math.fround;

/**
 * DPM-Solver as a singlestep method, over any schedule, with the numbers of diffusers' `DPMSolverSinglestepScheduler`
 * (which always spreads timesteps by `linspace`). `sde-dpmsolver++` calls `noise` at every evaluation.
 *
 * Throws `schedule.invalid` for a setting out of range; `begin` throws it for requests that cannot be met: sigmas,
 * timesteps with `sigmas` other than `training`, and more steps than a discrete schedule has room
 * for. `begin` and `step` throw it as the contract says.
 *
 * @example
 * ```ts
 * import { createDpmSolverSinglestepSampler } from '@transfuse/plugins/samplers';
 * import { createCosineSchedule } from '@transfuse/plugins/schedules';
 * const run = createDpmSolverSinglestepSampler({ order: 3 }).begin(createCosineSchedule(), { steps: 7 });
 * console.assert(run.evaluations.length === 7 && run.steps.join() === '0,3,6'); // of order 3, 3 and 1
 * ```
 */
export function createDpmSolverSinglestepSampler(options: DpmSolverSinglestepOptions = {}): Sampler {
  const config = Object.freeze({
    ...dpmSettings(sampler, options, algorithms),
    lowerOrderFinal: choiceSetting<boolean>({
      place: `${sampler}.lowerOrderFinal`,
      value: options.lowerOrderFinal,
      fallback: true,
      choices: [true, false],
    }),
  });
  const stochastic = config.algorithm === 'sde-dpmsolver++';
  return {
    name: sampler,
    config,
    begin(schedule, request) {
      const plan = planLogSnr(schedule, request, config, {
        sampler,
        timesteps: 'allowed',
        straight: { kind: 'open' },
        straightTimesteps: 'counted',
      });
      const { evaluations, points, startScale } = plan;
      const reading = { path: plan.path, limit: config, prediction: config.prediction, throughClean: false };
      const orders = evaluationOrders(evaluations.length, config, isClean(points.at(-1) as LogSnrPoint));
      return createSamplingRun({
        sampler,
        evaluations,
        steps: [...orders.keys()].filter((index) => orders[index] === 1),
        ...(startScale !== undefined && { startScale }),
        advance(index, state, estimate, noise) {
          if (isClean(points[index + 1] as LogSnrPoint)) return { latent: cleanEstimate(estimate, config).slice() };
          const current = integratesClean(config.algorithm)
            ? cleanEstimate(estimate, config)
            : noiseEstimate(state.latent, estimate, { ...reading, point: points[index] as LogSnrPoint });
          const { start, outputs } = stepSoFar(state, orders[index] as number, current);
          const [slopes, integrals] = stepParts(config, points, index, outputs);
          const terms = dpmTerms(
            outputs.length === 3 ? 'heun' : config.solver,
            integrals,
            start,
            outputs.at(-1)!,
            slopes,
          );
          if (stochastic) terms.push([integrals.noise, noise()]);
          const latent = multistepSum(terms);
          return (orders[index + 1] ?? 1) === 1 ? { latent } : { latent, memory: [start, ...outputs] };
        },
      });
    },
  };
}

/** Of which order each evaluation completes its step: 1, 2, 3, 1, 2, 3, … and how the run closes. */
function evaluationOrders(
  length: number,
  { order, lowerOrderFinal }: { readonly order: number; readonly lowerOrderFinal: boolean },
  endsClean: boolean,
): number[] {
  const orders = Array.from({ length }, (_, index) => 1 + (index % order));
  const rest = length % order;
  if (lowerOrderFinal || endsClean || rest !== 0) {
    // The last step is of order 1; a whole last step of order 3 is split in one of order 2 and one of order 1.
    if (order > 1 && rest !== 2) orders[length - 1] = 1;
  }
  if (endsClean) orders[length - 1] = 1;
  return orders;
}

/** The latent that a step began with and its outputs, the latest first. */
function stepSoFar(
  { latent, memory }: SamplerState,
  order: number,
  current: Float32Array,
): { readonly start: Float32Array; readonly outputs: readonly Float32Array[] } {
  const [start, ...earlier] = memory;
  if (order === 1 || start === undefined) return { start: latent, outputs: [current] };
  return { start, outputs: [current, ...earlier] };
}

/** What is known of the estimate within a step, and the weights from its beginning. */
function stepParts(
  { algorithm, solver }: Required<DpmOptions>,
  points: readonly LogSnrPoint[],
  index: number,
  outputs: readonly Float32Array[],
): readonly [EstimateSlopes | undefined, DpmIntegrals] {
  const start = points[index - outputs.length + 1] as LogSnrPoint;
  const integrals = dpmIntegrals(algorithm, start, points[index + 1] as LogSnrPoint);
  const ratios = Array.from({ length: outputs.length - 1 }, (_, i) =>
    f(f((points[index - i] as LogSnrPoint).lambda - start.lambda) / integrals.h),
  );
  const distinct = integrals.h !== 0 && new Set([...ratios, 0]).size === outputs.length;
  if (ratios.length === 0 || !distinct) return [undefined, integrals];
  return [slopesWithin(outputs, ratios, solver === 'midpoint' ? 'rough' : 'fine'), integrals];
}

/** The singlestep DPM-Solver as a plugin's contribution: `sampler`, `dpm-solver-singlestep`. */
export const dpmSolverSinglestepContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: sampler,
  description: 'DPM-Solver++ and its kin as singlestep methods (Lu et al. 2022), which remember nothing between steps.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...dpmSchemas,
      algorithm: { ...dpmSchemas.algorithm, enum: algorithms },
      lowerOrderFinal: { type: 'boolean', default: true, description: 'Close the run with steps of lower order.' },
    },
  },
  create: (config) => createDpmSolverSinglestepSampler(config as DpmSolverSinglestepOptions),
};
