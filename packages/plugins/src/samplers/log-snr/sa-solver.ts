import type { Contribution, Sampler } from '@transfuse/core/contracts';
import { choiceSetting, integerSetting, numberSetting } from '../../schedules/setting.ts';
import { cleanLimit, type CleanLimitOptions, cleanLimitSchemas } from '../clean-limit.ts';
import { planLogSnr } from './log-snr-plan.ts';
import { isClean, type LogSnrPoint, stepsToPlan } from './log-snr-point.ts';
import { type LogSnrOptions, logSnrSchemas, logSnrSettings } from './log-snr-settings.ts';
import { cleanEstimate, noiseEstimate } from './noise-estimate.ts';
import { saSum } from './sa-sum.ts';
import { saWeights, type SaWeights } from './sa-weights.ts';
import { plannedWeights } from '../planned-weights.ts';
import { createSamplingRun } from '../sampling-run.ts';

// SA-Solver, the stochastic Adams method (Xue et al. 2023, arXiv 2309.05019, algorithm 1): a multistep predictor and
// corrector for the reverse SDE, with a stochasticity tau that may be on during a part of the run only.

/** Settings of {@link createSaSolverSampler}. */
export interface SaSolverOptions extends LogSnrOptions, CleanLimitOptions {
  /** How many estimates the predictor uses, 1 to 4. @default 2 */
  readonly predictorOrder?: number;
  /** How many estimates the corrector uses, the one at the end of the step included, 1 to 4. @default 2 */
  readonly correctorOrder?: number;
  /** Whether the clean estimate is integrated, or the noise. @default 'clean' */
  readonly integrates?: 'clean' | 'noise';
  /** The stochasticity, 0 (an ODE) to 10; 1 is the usual reverse SDE. @default 1 */
  readonly tau?: number;
  /** Tau holds from timestep `tauFrom` to `tauTo`, both included, and is 0 elsewhere. 0 to 100000. @default 200 */
  readonly tauFrom?: number;
  /** See `tauFrom`; 0 to 100000. @default 800 */
  readonly tauTo?: number;
  /** Whether the orders fall to 1 and 2 over the last steps. @default true */
  readonly lowerOrderFinal?: boolean;
}

const sampler = 'sa-solver';
const orders = { minimum: 1, maximum: 4 } as const;
const timesteps = { minimum: 0, maximum: 100_000 } as const;

/**
 * SA-Solver, over any schedule, with the numbers of diffusers' `SASolverScheduler`. Every step calls `noise` once, also
 * where tau is 0; the corrector uses that noise again. Above some 100 steps keep to orders 1 and 2: the weights of
 * higher orders lose their digits in float32, see `sa-weights.ts`.
 *
 * Throws `schedule.invalid` for a setting out of range; `begin` throws it for requests with timesteps or sigmas, and for
 * more steps than a discrete schedule has room for. `begin` and `step` throw it as the contract says.
 *
 * @example
 * ```ts
 * import { createSaSolverSampler } from '@transfuse/plugins/samplers';
 * import { createCosineSchedule } from '@transfuse/plugins/schedules';
 * const run = createSaSolverSampler({ tau: 0.8 }).begin(createCosineSchedule(), { steps: 20 });
 * console.assert(run.evaluations.length === 20);
 * ```
 */
export function createSaSolverSampler(options: SaSolverOptions = {}): Sampler {
  const place = (field: keyof SaSolverOptions) => ({ place: `${sampler}.${field}` });
  const config = Object.freeze({
    predictorOrder: integerSetting({
      ...place('predictorOrder'),
      value: options.predictorOrder,
      fallback: 2,
      ...orders,
    }),
    correctorOrder: integerSetting({
      ...place('correctorOrder'),
      value: options.correctorOrder,
      fallback: 2,
      ...orders,
    }),
    integrates: choiceSetting<'clean' | 'noise'>({
      ...place('integrates'),
      value: options.integrates,
      fallback: 'clean',
      choices: ['clean', 'noise'],
    }),
    tau: numberSetting({ ...place('tau'), value: options.tau, fallback: 1, minimum: 0, maximum: 10 }),
    tauFrom: numberSetting({ ...place('tauFrom'), value: options.tauFrom, fallback: 200, ...timesteps }),
    tauTo: numberSetting({ ...place('tauTo'), value: options.tauTo, fallback: 800, ...timesteps }),
    lowerOrderFinal: choiceSetting<boolean>({
      ...place('lowerOrderFinal'),
      value: options.lowerOrderFinal,
      fallback: true,
      choices: [true, false],
    }),
    ...logSnrSettings(sampler, options),
    ...cleanLimit(sampler, options),
  });
  const { predictorOrder, correctorOrder, integrates } = config;
  const kept = Math.max(predictorOrder, correctorOrder - 1);
  return {
    name: sampler,
    config,
    begin(schedule, request) {
      const plan = planLogSnr(schedule, request, config, { sampler, timesteps: 'refused', straight: { kind: 'open' } });
      const { evaluations, points, startScale } = plan;
      const reading = { path: plan.path, limit: config, prediction: config.prediction, throughClean: false };
      const left = (index: number) => (config.lowerOrderFinal ? evaluations.length - index : 4);
      const predictorAt = (index: number, known: number) => Math.min(predictorOrder, left(index), known);
      const correctorAt = (index: number, known: number) => Math.min(correctorOrder, left(index) + 1, known);
      const weightsOf = (index: number, order: number, corrects: boolean): SaWeights => {
        const timestep = plan.timesteps[index] as number;
        const last = corrects ? index + 1 : index;
        return saWeights({
          integrates,
          tau: timestep >= config.tauFrom && timestep <= config.tauTo ? config.tau : 0,
          from: points[index] as LogSnrPoint,
          to: points[index + 1] as LogSnrPoint,
          nodes: Array.from({ length: order }, (_, i) => points[last - i] as LogSnrPoint),
          corrects,
        });
      };
      const planned = stepsToPlan(points);
      const predictor = plannedWeights(
        planned,
        (index) => predictorAt(index, Math.min(kept, index + 1)),
        (index, order) => weightsOf(index, order, false),
      );
      const corrector = plannedWeights(
        planned,
        (index) => correctorAt(index, Math.min(kept, index + 1) + 1),
        (index, order) => weightsOf(index, order, true),
      );
      return createSamplingRun({
        sampler,
        evaluations,
        ...(startScale !== undefined && { startScale }),
        advance(index, { latent, memory }, estimate, noise) {
          const [start, startNoise, ...earlier] = memory;
          const at = points[index] as LogSnrPoint;
          const current =
            integrates === 'clean'
              ? cleanEstimate(estimate, config)
              : noiseEstimate(latent, estimate, { ...reading, point: at });
          const fresh = noise();
          if (isClean(points[index + 1] as LogSnrPoint)) return { latent: cleanEstimate(estimate, config).slice() };
          const known = [current, ...earlier];
          let corrected = latent;
          if (start !== undefined && startNoise !== undefined) {
            corrected = saSum(corrector(index - 1, correctorAt(index - 1, known.length)), start, known, startNoise);
          }
          const outputs = known.slice(0, kept);
          return {
            latent: saSum(predictor(index, predictorAt(index, outputs.length)), corrected, outputs, fresh),
            memory: [corrected, fresh, ...outputs],
          };
        },
      });
    },
  };
}

/** SA-Solver as a plugin's contribution: `sampler`, `sa-solver`. */
export const saSolverContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: sampler,
  description: 'Stochastic Adams predictor and corrector (Xue et al. 2023): good from 20 to 100 steps.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      predictorOrder: { type: 'integer', ...orders, default: 2, description: 'Estimates that the predictor uses.' },
      correctorOrder: { type: 'integer', ...orders, default: 2, description: 'Estimates that the corrector uses.' },
      integrates: { enum: ['clean', 'noise'], default: 'clean', description: 'Which estimate is integrated.' },
      tau: { type: 'number', minimum: 0, maximum: 10, default: 1, description: 'The stochasticity; 0 is an ODE.' },
      tauFrom: { type: 'number', ...timesteps, default: 200, description: 'The first timestep at which tau holds.' },
      tauTo: { type: 'number', ...timesteps, default: 800, description: 'The last timestep at which tau holds.' },
      lowerOrderFinal: { type: 'boolean', default: true, description: 'Let the orders fall over the last steps.' },
      ...logSnrSchemas,
      ...cleanLimitSchemas,
    },
  },
  create: (config) => createSaSolverSampler(config as SaSolverOptions),
};
