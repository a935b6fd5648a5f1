import type { Contribution, Sampler } from '@transfuse/core/contracts';
import { choiceSetting, integerSetting } from '../../schedules/setting.ts';
import { cleanLimit, type CleanLimitOptions, cleanLimitSchemas } from '../clean-limit.ts';
import { constant, type Formula, float32 } from '@transfuse/core/elements';
import { elementKernel } from '../element-kernel.ts';
import { counted, countedNames, kernelFamily } from '../kernel-family.ts';
import { deisWeights } from './deis-weights.ts';
import { type DpmIntegrals, dpmIntegrals } from './dpm-integrals.ts';
import { planLogSnr } from './log-snr-plan.ts';
import { isClean, type LogSnrPoint, stepsToPlan } from './log-snr-point.ts';
import { type LogSnrOptions, logSnrSchemas, logSnrSettings } from './log-snr-settings.ts';
import { multistepSum, presentTerms, type Term } from '../multistep-sum.ts';
import { cleanEstimate, noiseEstimate } from './noise-estimate.ts';
import { plannedWeights } from '../planned-weights.ts';
import { createSamplingRun } from '../sampling-run.ts';

// DEIS, the diffusion exponential integrator sampler (Zhang and Chen 2022, arXiv 2204.13902): the network's noise is
// extrapolated by a polynomial through earlier evaluations, and the linear part of the ODE is solved exactly.

/** Settings of {@link createDeisSampler}. */
export interface DeisOptions extends LogSnrOptions, CleanLimitOptions {
  /** How many estimates the polynomial goes through, 1 to 3. @default 2 */
  readonly order?: number;
  /** Whether the last two steps of a run of fewer than 15 steps are of lower order. @default true */
  readonly lowerOrderFinal?: boolean;
}

const sampler = 'deis';
const fewSteps = 15;
const f = Math.fround;

/**
 * The DEIS sampler, over any schedule, with the numbers of diffusers' `DEISMultistepScheduler` (log-rho form). A step
 * that ends at clean data, as the last does by default, lands on the clean estimate.
 *
 * Throws `schedule.invalid` for a setting out of range; `begin` throws it for requests with timesteps or sigmas, and for
 * more steps than a discrete schedule has room for. `begin` and `step` throw it as the contract says.
 *
 * @example
 * ```ts
 * import { createDeisSampler } from '@transfuse/plugins/samplers';
 * import { createCosineSchedule } from '@transfuse/plugins/schedules';
 * const run = createDeisSampler({ order: 3 }).begin(createCosineSchedule(), { steps: 10 });
 * console.assert(run.evaluations.length === 10 && run.evaluations[0].time === 0.9);
 * ```
 */
export function createDeisSampler(options: DeisOptions = {}): Sampler {
  const config = Object.freeze({
    order: integerSetting({ place: `${sampler}.order`, value: options.order, fallback: 2, minimum: 1, maximum: 3 }),
    lowerOrderFinal: choiceSetting<boolean>({
      place: `${sampler}.lowerOrderFinal`,
      value: options.lowerOrderFinal,
      fallback: true,
      choices: [true, false],
    }),
    ...logSnrSettings(sampler, options),
    ...cleanLimit(sampler, options),
  });
  return {
    name: sampler,
    config,
    begin(schedule, request) {
      const plan = planLogSnr(schedule, request, config, { sampler, timesteps: 'refused', straight: { kind: 'open' } });
      const { evaluations, points, startScale } = plan;
      const { length } = evaluations;
      const reading = { path: plan.path, limit: config, prediction: config.prediction, throughClean: true };
      const few = config.lowerOrderFinal && length < fewSteps;
      const orderAt = (index: number, known: number) => Math.min(config.order, known, few ? length - index : 3); // 1 in the last step, 2 in the one before
      const weightsOf = plannedWeights(
        stepsToPlan(points),
        (index) => orderAt(index, index + 1),
        (index, used) => weighStep(points, index, used),
      );
      return createSamplingRun({
        sampler,
        evaluations,
        ...(startScale !== undefined && { startScale }),
        advance(index, { latent, memory }, estimate) {
          const [at, to] = [points[index] as LogSnrPoint, points[index + 1] as LogSnrPoint];
          if (isClean(to)) return { latent: cleanEstimate(estimate, config).slice() };
          const outputs = [noiseEstimate(latent, estimate, { ...reading, point: at }), ...memory];
          const step = weightsOf(index, orderAt(index, outputs.length));
          return {
            latent: deisStep(step, { from: at.alpha, to: to.alpha }, latent, outputs),
            memory: outputs.slice(0, config.order - 1),
          };
        },
      });
    },
  };
}

/** The weights of a step: of the first order, or of the outputs that extrapolate the noise, the latest first. */
type DeisStep = Pick<DpmIntegrals, 'latent' | 'value'> | { readonly outputs: readonly number[] };

function weighStep(points: readonly LogSnrPoint[], index: number, outputs: number): DeisStep {
  const [at, to] = [points[index] as LogSnrPoint, points[index + 1] as LogSnrPoint];
  const nodes = Array.from({ length: outputs }, (_, i) => rho(points[index - i] as LogSnrPoint));
  if (outputs === 1 || new Set(nodes).size < nodes.length) return dpmIntegrals('dpmsolver', at, to);
  return { outputs: deisWeights(nodes, rho(to)) };
}

/** One step, by this output and earlier ones; rounded to float32 as diffusers rounds. */
function deisStep(
  step: DeisStep,
  alphas: { readonly from: number; readonly to: number },
  latent: Float32Array,
  outputs: readonly Float32Array[],
): Float32Array {
  if ('outputs' in step) {
    const terms = step.outputs.map((weight, i): Term => [weight, outputs[i] as Float32Array]);
    return extrapolated(alphas, latent, terms);
  }
  return multistepSum([
    [step.latent, latent],
    [step.value, outputs[0] as Float32Array],
  ]);
}

const extrapolatedSum = kernelFamily((outputs: number) => {
  const [arrays, weights] = [countedNames('x', outputs), countedNames('a', outputs)];
  return elementKernel({ arrays: ['latent', ...arrays], numbers: ['from', 'to', ...weights] }, (parts) => {
    const { plus, times, over } = float32;
    const scaled: Formula = plus(constant(0), over(parts['latent']!, parts['from']!));
    const products = arrays.map((name, i) => times(parts[weights[i]!]!, parts[name]!));
    return { end: plus(constant(0), times(parts['to']!, products.reduce(plus, scaled))) };
  });
});

/** `to * (latent / from + the sum of the terms)`, a new array; terms of weight 0 count nothing. */
function extrapolated(
  { from, to }: { readonly from: number; readonly to: number },
  latent: Float32Array,
  terms: readonly Term[],
): Float32Array {
  const present = presentTerms(terms);
  const arrays = counted(
    'x',
    present.map(([, values]) => values),
  );
  const weights = counted(
    'a',
    present.map(([weight]) => weight),
  );
  return extrapolatedSum(present.length)({ latent, ...arrays }, { from, to, ...weights }).end;
}

const rho = ({ alpha, sigma }: LogSnrPoint) => f(sigma / alpha);

/** DEIS as a plugin's contribution: `sampler`, `deis`. */
export const deisContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: sampler,
  description:
    'Diffusion exponential integrator sampler (Zhang and Chen 2022), deterministic: good from 10 to 30 steps.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      order: { type: 'integer', minimum: 1, maximum: 3, default: 2, description: 'Estimates to extrapolate from.' },
      lowerOrderFinal: {
        type: 'boolean',
        default: true,
        description: 'Lower order in the last two of fewer than 15 steps.',
      },
      ...logSnrSchemas,
      ...cleanLimitSchemas,
    },
  },
  create: (config) => createDeisSampler(config as DeisOptions),
};
