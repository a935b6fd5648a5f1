import type { Contribution, NoiseLevel, NoiseSchedule } from '@transfuse/core/contracts';
import { choiceSetting, numberSetting } from './setting.ts';
import { unitTime } from './unit-time.ts';

// Flow matching along straight lines (Lipman et al. 2023; rectified flow, Liu et al. 2023): noisy = (1 - t) * clean +
// t * noise in continuous time, with the constant velocity noise - clean. Training times follow Esser et al. 2024
// (Stable Diffusion 3, section 3.1): logit-normal by default, which spends more of them in the middle, and an optional
// shift towards noise for large latents.

/** Settings of {@link createFlowMatchingSchedule}. */
export interface FlowMatchingOptions {
  /** The distribution of training times before the shift. @default 'logit-normal' */
  readonly time?: 'uniform' | 'logit-normal';
  /** Mean of the normal number whose logistic is the time; above 0 means more noise. -10 to 10; `logit-normal` only. @default 0 */
  readonly mean?: number;
  /** Standard deviation of that normal number, 0.001 to 10; `logit-normal` only. @default 1 */
  readonly standardDeviation?: number;
  /** Moves training times t to `shift * t / (1 + (shift - 1) * t)`: above 1 towards noise. 0.001 to 1000. @default 1 */
  readonly shift?: number;
}

/** Training times stay this far from both ends, so that neither alpha nor sigma of a training example is 0. */
const margin = 1e-5;

/** The defaults, which the JSON schema repeats. */
const defaults = { time: 'logit-normal', mean: 0, standardDeviation: 1, shift: 1 } as const;

/**
 * The flow-matching schedule: `alpha = 1 - time`, `sigma = time`, velocity `noise - clean`, exact at both ends (alpha is
 * 0 at time 1, sigma is 0 at time 0). Training times are clamped into [1e-5, 1 - 1e-5]. Train it with velocity
 * prediction: at time 1 the noisy latent holds nothing of the clean one, so predicted noise cannot be turned into it.
 * The settings shape training times only; samplers choose their own.
 *
 * Throws `schedule.invalid` for a setting out of range, and `at` throws it for NaN.
 *
 * @example
 * ```ts
 * import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
 * const { alpha, sigma } = createFlowMatchingSchedule({ time: 'uniform' }).at(0.25);
 * console.assert(alpha === 0.75 && sigma === 0.25);
 * ```
 */
export function createFlowMatchingSchedule(options: FlowMatchingOptions = {}): NoiseSchedule {
  const config = Object.freeze({
    time: choiceSetting<'uniform' | 'logit-normal'>({
      place: 'flow-matching.time',
      value: options.time,
      fallback: defaults.time,
      choices: ['uniform', 'logit-normal'],
    }),
    mean: setting('mean', options.mean, { minimum: -10, maximum: 10 }),
    standardDeviation: setting('standardDeviation', options.standardDeviation, { minimum: 0.001, maximum: 10 }),
    shift: setting('shift', options.shift, { minimum: 0.001, maximum: 1000 }),
  });
  return {
    name: 'flow-matching',
    config,
    at(time): NoiseLevel {
      const sigma = unitTime(time, 'flow-matching.at');
      return { alpha: 1 - sigma, sigma, velocity: { clean: -1, noise: 1 } };
    },
    sampleTime(uniform) {
      const time =
        config.time === 'uniform' ? uniform() : logistic(config.mean + config.standardDeviation * normal(uniform));
      const shifted = (config.shift * time) / (1 + (config.shift - 1) * time);
      return Math.min(1 - margin, Math.max(margin, shifted));
    },
  };
}

function setting(
  field: 'mean' | 'standardDeviation' | 'shift',
  value: number | undefined,
  range: { readonly minimum: number; readonly maximum: number },
): number {
  return numberSetting({ place: `flow-matching.${field}`, value, fallback: defaults[field], ...range });
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Box and Muller's normal number from two uniform ones; the first is turned round because a uniform may be 0, never 1. */
function normal(uniform: () => number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
  return radius * Math.cos(2 * Math.PI * uniform());
}

/** The flow-matching schedule as a plugin's contribution: `noise-schedule`, `flow-matching`. */
export const flowMatchingContribution: Contribution<'noise-schedule'> = {
  kind: 'noise-schedule',
  name: 'flow-matching',
  description:
    'Straight paths from data to noise in continuous time (rectified flow); predict the sample or the velocity.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      time: {
        enum: ['uniform', 'logit-normal'],
        default: defaults.time,
        description: 'The distribution of training times.',
      },
      mean: {
        type: 'number',
        minimum: -10,
        maximum: 10,
        default: defaults.mean,
        description: 'Mean of the logit-normal distribution; above 0 means more noise.',
      },
      standardDeviation: {
        type: 'number',
        minimum: 0.001,
        maximum: 10,
        default: defaults.standardDeviation,
        description: 'Standard deviation of the logit-normal distribution.',
      },
      shift: {
        type: 'number',
        minimum: 0.001,
        maximum: 1000,
        default: defaults.shift,
        description: 'Moves training times towards noise where it is above 1.',
      },
    },
  },
  create: (config) => createFlowMatchingSchedule(config as FlowMatchingOptions),
};
