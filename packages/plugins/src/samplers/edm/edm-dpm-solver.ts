import { type Contribution, type Sampler, TransfuseError } from '@transfuse/core/contracts';
import { choiceSetting, integerSetting } from '../../schedules/setting.ts';
import { type CleanLimitOptions, cleanLimit, cleanLimitSchemas, limitClean } from '../clean-limit.ts';
import { edmStepWeights } from './edm-dpm-weights.ts';
import { edmRange, edmSigmas, edmSpacing, type EdmSpacingOptions, edmSpacingSchemas } from './edm-spacing.ts';
import { ratioMeasure } from '../noise-measure.ts';
import { refuseList, requestedSteps } from '../requested-steps.ts';
import { createSamplingRun } from '../sampling-run.ts';
import { weightedSum, type WeightedTerm } from '../weighted-sum.ts';

// DPM-Solver++ (Lu et al. 2022, arXiv 2211.01095) in the formulation of EDM (Karras et al. 2022): a multistep method that
// extrapolates the clean estimate in -ln(sigma), on x = latent / alpha. Every step is one evaluation and reads up to two
// earlier clean estimates; a run begins, and with few steps ends, at lower order.

/** Settings of {@link createEdmDpmSolverSampler}; sigmas are noise over signal, sigma / alpha. */
export interface EdmDpmSolverOptions extends EdmSpacingOptions, CleanLimitOptions {
  /** Whether steps follow the ordinary (`ode`) or the stochastic (`sde`) differential equation. @default 'ode' */
  readonly algorithm?: 'ode' | 'sde';
  /** How many clean estimates a step reads, 1 to 3; of `sde` only runs too short to come to 3. @default 2 */
  readonly order?: number;
  /** How a step of two estimates weighs their difference. @default 'midpoint' */
  readonly correction?: 'midpoint' | 'heun';
  /** Whether runs of fewer than 15 steps end at lower order. @default true */
  readonly lowerOrderFinal?: boolean;
  /** Whether the last step is of order 1 in any case; it always is where the run ends clean. @default false */
  readonly eulerAtFinal?: boolean;
}

/**
 * DPM-Solver++ over EDM's noise levels, over any schedule; one evaluation a step, deterministic unless `algorithm` is
 * `sde`. Its memory holds the clean estimates of the last one or two evaluations. Order 3 weighs the curvature by half of
 * Taylor's weight, as the method's own code and diffusers do: its error falls as that of order 2, from a smaller one.
 *
 * Throws `schedule.invalid` for a setting out of range; `begin` and `step` throw it as the contract says, `begin` also
 * where the schedule does not reach the sigmas, for lists in the request, and for `sde` where a step would be of order 3.
 *
 * @example
 * ```ts
 * import { createEdmDpmSolverSampler } from '@transfuse/plugins/samplers';
 * import { createEdmSchedule } from '@transfuse/plugins/schedules';
 * const run = createEdmDpmSolverSampler({ order: 3 }).begin(createEdmSchedule(), { steps: 20 });
 * console.assert(run.evaluations.length === 20);
 * ```
 */
export function createEdmDpmSolverSampler(options: EdmDpmSolverOptions = {}): Sampler {
  const spacing = edmSpacing('edm-dpm-solver', options);
  const limit = cleanLimit('edm-dpm-solver', options);
  const flag = (field: 'lowerOrderFinal' | 'eulerAtFinal', fallback: boolean) =>
    choiceSetting<boolean>({
      place: `edm-dpm-solver.${field}`,
      value: options[field],
      fallback,
      choices: [true, false],
    });
  const settings = {
    algorithm: choiceSetting<'ode' | 'sde'>({
      place: 'edm-dpm-solver.algorithm',
      value: options.algorithm,
      fallback: 'ode',
      choices: ['ode', 'sde'],
    }),
    order: integerSetting({
      place: 'edm-dpm-solver.order',
      value: options.order,
      fallback: 2,
      minimum: 1,
      maximum: 3,
    }),
    correction: choiceSetting<'midpoint' | 'heun'>({
      place: 'edm-dpm-solver.correction',
      value: options.correction,
      fallback: 'midpoint',
      choices: ['midpoint', 'heun'],
    }),
    lowerOrderFinal: flag('lowerOrderFinal', true),
    eulerAtFinal: flag('eulerAtFinal', false),
  };
  const { algorithm, correction } = settings;
  return {
    name: 'edm-dpm-solver',
    config: Object.freeze({ ...spacing, ...limit, ...settings }),
    begin(schedule, request) {
      refuseList('edm-dpm-solver', 'timesteps', request);
      refuseList('edm-dpm-solver', 'sigmas', request);
      const measure = ratioMeasure(schedule);
      const range = edmRange('edm-dpm-solver', spacing, measure);
      const steps = requestedSteps('edm-dpm-solver', request);
      const orders = stepOrders(steps, { ...settings, end: spacing.end });
      if (algorithm === 'sde' && orders.includes(3)) throw noThirdOrder(steps);
      const visited = edmSigmas({ ...spacing, ...range }, { steps, precision: 'single' });
      const evaluations = visited.map((sigma) => measure.evaluation(sigma));
      const alphas = [...evaluations.map(({ level }) => level.alpha), 1];
      const sigmas = [...visited, spacing.end === 'clean' ? 0 : Math.fround(range.sigmaMin)];
      return createSamplingRun({
        sampler: 'edm-dpm-solver',
        evaluations,
        startScale: Math.sqrt(range.sigmaMax ** 2 + 1) * (alphas[0] as number),
        advance(index, { latent, memory }, estimate, noise) {
          const clean = limitClean(estimate, limit);
          const order = Math.min(orders[index] as number, memory.length + 1);
          const weights = edmStepWeights(sigmas, { index, order, algorithm, correction });
          const scale = alphas[index + 1] as number;
          const terms: WeightedTerm[] = [[(scale * weights.latent) / (alphas[index] as number), latent]];
          const known = [clean, ...memory];
          for (const [age, weight] of weights.clean.entries()) terms.push([scale * weight, known[age] as Float32Array]);
          if (algorithm === 'sde') terms.push([scale * weights.noise, noise()]);
          return { latent: weightedSum(terms), memory: known.slice(0, settings.order - 1) };
        },
      });
    },
  };
}

/** The order of each step of a run that begins at its first. */
function stepOrders(
  steps: number,
  settings: {
    readonly order: number;
    readonly lowerOrderFinal: boolean;
    readonly eulerAtFinal: boolean;
    readonly end: 'clean' | 'smallest';
  },
): number[] {
  const { order, eulerAtFinal, end } = settings;
  const lower = settings.lowerOrderFinal && steps < 15;
  return Array.from({ length: steps }, (_, index) => {
    if (index === steps - 1 && (eulerAtFinal || lower || end === 'clean')) return 1;
    return Math.min(order, index + 1, index === steps - 2 && lower ? 2 : 3);
  });
}

function noThirdOrder(steps: number): TransfuseError {
  return new TransfuseError({
    code: 'schedule.invalid',
    place: 'edm-dpm-solver.order',
    found: `3 with algorithm "sde" and ${steps} steps`,
    expected: '1 or 2: there is no third-order step of the stochastic equation',
    mend: 'Set order to 2, or algorithm to "ode".',
  });
}

/** The sampler as a plugin's contribution: `sampler`, `edm-dpm-solver`. */
export const edmDpmSolverContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: 'edm-dpm-solver',
  description: 'DPM-Solver++ (Lu et al. 2022) over the noise levels of EDM: multistep, of order 1 to 3.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...edmSpacingSchemas,
      ...cleanLimitSchemas,
      algorithm: { enum: ['ode', 'sde'], default: 'ode', description: 'Deterministic, or with fresh noise each step.' },
      order: {
        type: 'integer',
        minimum: 1,
        maximum: 3,
        default: 2,
        description: 'How many estimates a step reads.',
      },
      correction: { enum: ['midpoint', 'heun'], default: 'midpoint', description: 'How a second estimate is weighed.' },
      lowerOrderFinal: { type: 'boolean', default: true, description: 'Whether short runs end at lower order.' },
      eulerAtFinal: { type: 'boolean', default: false, description: 'Whether the last step is always of order 1.' },
    },
  },
  create: (config) => createEdmDpmSolverSampler(config as EdmDpmSolverOptions),
};
