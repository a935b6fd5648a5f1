import type { Contribution, NoiseLevel, NoiseSchedule } from '@transfuse/core/contracts';
import { boxMullerNormal } from './box-muller.ts';
import { choiceSetting, numberSetting } from './setting.ts';
import { insideUnitTime, unitTime } from './unit-time.ts';

// Flow matching along straight lines (Lipman et al. 2023; rectified flow, Liu et al. 2023): noisy = (1 - t) * clean +
// t * noise in continuous time, with the constant velocity noise - clean. Training times follow Esser et al. 2024
// (Stable Diffusion 3, arXiv 2403.03206, section 3.1): logit-normal by default, which spends more of them in the middle
// and none at the ends, or the paper's heavy-tailed "mode" density; and an optional shift towards noise for large latents.

/** A distribution of training times. */
export type FlowTime = 'uniform' | 'logit-normal' | 'mode';

/** Settings of {@link createFlowMatchingSchedule}. */
export interface FlowMatchingOptions {
  /** The distribution of training times before the shift. @default 'logit-normal' */
  readonly time?: FlowTime;
  /** Mean of the normal number whose logistic is the time; above 0 means more noise. -10 to 10; `logit-normal` only. @default 0 */
  readonly mean?: number;
  /** Standard deviation of that normal number, 0.001 to 10; `logit-normal` only. @default 1 */
  readonly standardDeviation?: number;
  /**
   * How much `mode` favours the middle: 0 is uniform, below 0 it favours the ends. -1 to 1.75, so that every time keeps a
   * chance. @default 1.29
   */
  readonly modeScale?: number;
  /** Moves training times t to `shift * t / (1 + (shift - 1) * t)`: above 1 towards noise. 0.001 to 1000. @default 1 */
  readonly shift?: number;
}

const times: readonly FlowTime[] = ['uniform', 'logit-normal', 'mode'];

/** The defaults, which the JSON schema repeats. */
const defaults = { time: 'logit-normal', mean: 0, standardDeviation: 1, modeScale: 1.29, shift: 1 } as const;

/** What the numeric settings may be, which the JSON schema repeats. */
const ranges = {
  mean: { minimum: -10, maximum: 10 },
  standardDeviation: { minimum: 0.001, maximum: 10 },
  modeScale: { minimum: -1, maximum: 1.75 }, // beyond -1 and 2 / (pi - 2) the mapping is not monotone
  shift: { minimum: 0.001, maximum: 1000 },
} as const;

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
    time: choiceSetting({ place: 'flow-matching.time', value: options.time, fallback: defaults.time, choices: times }),
    mean: setting('mean', options.mean),
    standardDeviation: setting('standardDeviation', options.standardDeviation),
    modeScale: setting('modeScale', options.modeScale),
    shift: setting('shift', options.shift),
  });
  return {
    name: 'flow-matching',
    config,
    at(time): NoiseLevel {
      const sigma = unitTime(time, 'flow-matching.at');
      return { alpha: 1 - sigma, sigma, velocity: { clean: -1, noise: 1 } };
    },
    sampleTime(uniform) {
      const time = drawTime(config, uniform);
      return insideUnitTime((config.shift * time) / (1 + (config.shift - 1) * time));
    },
  };
}

function setting(field: keyof typeof ranges, value: number | undefined): number {
  return numberSetting({ place: `flow-matching.${field}`, value, fallback: defaults[field], ...ranges[field] });
}

/** A training time before the shift. */
function drawTime(
  { time, mean, standardDeviation, modeScale }: Required<FlowMatchingOptions>,
  uniform: () => number,
): number {
  if (time === 'uniform') return uniform();
  if (time === 'logit-normal') return logistic(mean + standardDeviation * boxMullerNormal(uniform));
  return modeTime(uniform(), modeScale);
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Esser et al. 2024, equation 20: falls from 1 to 0 as u rises, slowest at u = 1/2 where the scale is above 0. */
function modeTime(u: number, scale: number): number {
  return 1 - u - scale * (Math.cos((Math.PI / 2) * u) ** 2 - 1 + u);
}

const numberSchema = (field: keyof typeof ranges, description: string) => ({
  type: 'number',
  ...ranges[field],
  default: defaults[field],
  description,
});

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
      time: { enum: times, default: defaults.time, description: 'The distribution of training times.' },
      mean: numberSchema('mean', 'Mean of the logit-normal distribution; above 0 means more noise.'),
      standardDeviation: numberSchema('standardDeviation', 'Standard deviation of the logit-normal distribution.'),
      modeScale: numberSchema('modeScale', 'How much the mode distribution favours the middle; 0 is uniform.'),
      shift: numberSchema('shift', 'Moves training times towards noise where it is above 1.'),
    },
  },
  create: (config) => createFlowMatchingSchedule(config as FlowMatchingOptions),
};
