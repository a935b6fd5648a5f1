import type { Contribution, Sampler } from '@transfuse/core/contracts';
import { choiceSetting, integerSetting } from '../../schedules/setting.ts';
import { cleanLimit, type CleanLimitOptions, cleanLimitSchemas } from '../clean-limit.ts';
import { deisWeights } from './deis-weights.ts';
import { dpmIntegrals } from './dpm-integrals.ts';
import { planLogSnr } from './log-snr-plan.ts';
import { isClean, type LogSnrPoint } from './log-snr-point.ts';
import { type LogSnrOptions, logSnrSchemas, logSnrSettings } from './log-snr-settings.ts';
import { multistepSum } from './multistep-sum.ts';
import { cleanEstimate, noiseEstimate } from './noise-estimate.ts';
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
      return createSamplingRun({
        sampler,
        evaluations,
        ...(startScale !== undefined && { startScale }),
        advance(index, { latent, memory }, estimate) {
          const [at, to] = [points[index] as LogSnrPoint, points[index + 1] as LogSnrPoint];
          if (isClean(to)) return { latent: cleanEstimate(estimate, config) };
          const outputs = [noiseEstimate(latent, estimate, { ...reading, point: at }), ...memory];
          const most = few ? length - index : 3; // 1 in the last step, 2 in the one before
          const used = outputs.slice(0, Math.min(config.order, most));
          return { latent: deisStep(points, index, latent, used), memory: outputs.slice(0, config.order - 1) };
        },
      });
    },
  };
}

/** One step, by this output and earlier ones; rounded to float32 as diffusers rounds. */
function deisStep(
  points: readonly LogSnrPoint[],
  index: number,
  latent: Float32Array,
  outputs: readonly Float32Array[],
): Float32Array {
  const [at, to] = [points[index] as LogSnrPoint, points[index + 1] as LogSnrPoint];
  const nodes = outputs.map((_, i) => rho(points[index - i] as LogSnrPoint));
  if (outputs.length === 1 || new Set(nodes).size < nodes.length) {
    const integrals = dpmIntegrals('dpmsolver', at, to);
    return multistepSum([
      [integrals.latent, latent],
      [integrals.value, outputs[0] as Float32Array],
    ]);
  }
  const weights = deisWeights(nodes, rho(to));
  const scaled = latent.map((value) => value / at.alpha);
  const terms = outputs.map((output, i) => [weights[i] as number, output] as const);
  return multistepSum([[to.alpha, multistepSum([[1, scaled], ...terms])]]);
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
