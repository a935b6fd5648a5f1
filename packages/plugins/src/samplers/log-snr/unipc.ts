import { type Contribution, type Sampler, TransfuseError } from '@transfuse/core/contracts';
import { choiceSetting, integerSetting, numberSetting } from '../../schedules/setting.ts';
import { cleanLimit, type CleanLimitOptions, cleanLimitSchemas } from '../clean-limit.ts';
import { planLogSnr } from './log-snr-plan.ts';
import { isClean, type LogSnrPoint, stepsToPlan } from './log-snr-point.ts';
import { type LogSnrOptions, logSnrSchemas, logSnrSettings } from './log-snr-settings.ts';
import { cleanEstimate, noiseEstimate } from './noise-estimate.ts';
import { plannedWeights } from '../planned-weights.ts';
import { createSamplingRun } from '../sampling-run.ts';
import { uniPcSum } from './unipc-sum.ts';
import { type UniPcVariant, uniPcWeights } from './unipc-weights.ts';

// UniPC, the unified predictor-corrector (Zhao et al. 2023, arXiv 2302.04867): a multistep predictor, and a corrector
// that redoes the last step once the network has been asked at its end, at no further evaluation. The corrected latent is
// what the next prediction starts from; the network is never shown it.

/** Settings of {@link createUniPcSampler}. */
export interface UniPcOptions extends LogSnrOptions, CleanLimitOptions {
  /** The order of the predictor, 1 to 8; the corrector adds one. 2 suits guided sampling. @default 2 */
  readonly order?: number;
  /**
   * Whether the clean estimate is integrated, or the noise. Over straight paths keep `clean`: at sigma 1 - 1e-6 a step
   * that integrates the noise magnifies its rounding a millionfold. @default 'clean'
   */
  readonly integrates?: 'clean' | 'noise';
  /** The function B(h); `bh1` may do better below 10 steps without guidance. @default 'bh2' */
  readonly variant?: UniPcVariant;
  /** Whether the order falls to 1 over the last steps, which it must where the run ends at clean data. @default true */
  readonly lowerOrderFinal?: boolean;
  /** Steps that are not corrected, from 0; leaving out the first ones helps under strong guidance. @default [] */
  readonly uncorrected?: readonly number[];
  /** The last sigma over straight paths, by stretching all of them; 0 leaves them, below 1. @default 0 */
  readonly terminal?: number;
}

const sampler = 'unipc';
const mostOrder = 8;

/**
 * The UniPC sampler, over any schedule, with the numbers of diffusers' `UniPCMultistepScheduler`. Over flow matching it
 * begins at sigma 1 - 1e-6, takes a request's `sigmas`, and with a dynamic shift its `mu` (or one from its `tokens`, on
 * the line from 0.5 at 256 tokens to 1.15 at 4096).
 *
 * Throws `schedule.invalid` for a setting out of range; `begin` throws it for requests that cannot be met: timesteps,
 * sigmas over other paths, a dynamic shift with neither mu nor tokens, and more steps than a discrete schedule has room
 * for. `begin` and `step` throw it as the contract says.
 *
 * @example
 * ```ts
 * import { createUniPcSampler } from '@transfuse/plugins/samplers';
 * import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
 * const run = createUniPcSampler({ shift: 3 }).begin(createFlowMatchingSchedule(), { steps: 8 });
 * console.assert(run.evaluations.length === 8 && Math.abs(run.evaluations[0].time - 1) < 1e-5);
 * ```
 */
export function createUniPcSampler(options: UniPcOptions = {}): Sampler {
  const config = Object.freeze({
    order: integerSetting({ place: place('order'), value: options.order, fallback: 2, minimum: 1, maximum: mostOrder }),
    integrates: choiceSetting<'clean' | 'noise'>({
      place: place('integrates'),
      value: options.integrates,
      fallback: 'clean',
      choices: ['clean', 'noise'],
    }),
    variant: choiceSetting<UniPcVariant>({
      place: place('variant'),
      value: options.variant,
      fallback: 'bh2',
      choices: ['bh1', 'bh2'],
    }),
    lowerOrderFinal: choiceSetting<boolean>({
      place: place('lowerOrderFinal'),
      value: options.lowerOrderFinal,
      fallback: true,
      choices: [true, false],
    }),
    uncorrected: uncorrectedSteps(options.uncorrected ?? []),
    terminal: numberSetting({
      place: place('terminal'),
      value: options.terminal,
      fallback: 0,
      minimum: 0,
      maximum: 0.999,
    }),
    ...logSnrSettings(sampler, options),
    ...cleanLimit(sampler, options),
  });
  const { order, integrates, variant, terminal } = config;
  return {
    name: sampler,
    config,
    begin(schedule, request) {
      const traits = { sampler, timesteps: 'refused', straight: { kind: 'closed', terminal } } as const;
      const { evaluations, points, path, startScale } = planLogSnr(schedule, request, config, traits);
      const reading = { path, limit: config, prediction: config.prediction, throughClean: false };
      const { length } = evaluations;
      const orderAt = (index: number, known: number) =>
        Math.min(order, known, config.lowerOrderFinal ? length - index : order);
      const weigh = (corrects: boolean) =>
        plannedWeights(
          stepsToPlan(points),
          (index) => orderAt(index, index + 1),
          (index, used) =>
            uniPcWeights({
              integrates,
              variant,
              from: points[index] as LogSnrPoint,
              to: points[index + 1] as LogSnrPoint,
              earlier: points.slice(index + 1 - used, index).toReversed(),
              corrects,
            }),
        );
      const [predictor, corrector] = [weigh(false), weigh(true)];
      return createSamplingRun({
        sampler,
        evaluations,
        ...(startScale !== undefined && { startScale }),
        advance(index, { latent, memory }, estimate) {
          const [start, ...earlier] = memory;
          const at = points[index] as LogSnrPoint;
          const current =
            integrates === 'clean'
              ? cleanEstimate(estimate, config)
              : noiseEstimate(latent, estimate, { ...reading, point: at });
          if (isClean(points[index + 1] as LogSnrPoint)) {
            return { latent: cleanEstimate(estimate, config).slice() };
          }
          const corrected =
            start === undefined || config.uncorrected.includes(index - 1)
              ? latent
              : uniPcSum(corrector(index - 1, orderAt(index - 1, earlier.length)), start, earlier, current);
          const outputs = [current, ...earlier].slice(0, order);
          return {
            latent: uniPcSum(predictor(index, orderAt(index, outputs.length)), corrected, outputs),
            memory: [corrected, ...outputs],
          };
        },
      });
    },
  };
}

function place(field: keyof UniPcOptions): string {
  return `${sampler}.${field}`;
}

function uncorrectedSteps(steps: readonly number[]): readonly number[] {
  if (Array.isArray(steps) && steps.every((step) => Number.isInteger(step))) return Object.freeze([...steps]);
  throw new TransfuseError({
    code: 'schedule.invalid',
    place: place('uncorrected'),
    found: JSON.stringify(steps),
    expected: 'a list of step numbers, from 0',
    mend: 'List whole numbers, or leave it out.',
  });
}

/** UniPC as a plugin's contribution: `sampler`, `unipc`. */
export const uniPcContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: sampler,
  description: 'Unified predictor-corrector (Zhao et al. 2023), deterministic: good from 5 to 20 steps.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      order: { type: 'integer', minimum: 1, maximum: mostOrder, default: 2, description: 'The predictor’s order.' },
      integrates: { enum: ['clean', 'noise'], default: 'clean', description: 'Which estimate is integrated.' },
      variant: { enum: ['bh1', 'bh2'], default: 'bh2', description: 'The function B(h) of the paper.' },
      lowerOrderFinal: { type: 'boolean', default: true, description: 'Let the order fall to 1 over the last steps.' },
      uncorrected: {
        type: 'array',
        items: { type: 'integer', minimum: 0 },
        default: [],
        description: 'Steps that are not corrected, from 0.',
      },
      terminal: {
        type: 'number',
        minimum: 0,
        maximum: 0.999,
        default: 0,
        description: 'The last sigma over straight paths; 0 leaves the sigmas as they are.',
      },
      ...logSnrSchemas,
      ...cleanLimitSchemas,
    },
  },
  create: (config) => createUniPcSampler(config as UniPcOptions),
};
