import type { DenoisingEstimate } from '@transfuse/core/contracts';
import { choiceSetting, numberSetting } from '../schedules/setting.ts';

// Keeping the network's clean estimate within the range of data. Two customs: clamp it to ±range, and dynamic
// thresholding (Saharia et al. 2022, arXiv 2205.11487, section 2.3): take a high quantile s of its absolute values, clamp
// to ±s and divide by s, so that guided pixels do not saturate. Both suit pixels, not the latents of a codec.

/** Settings that samplers with a limit have in common. */
export interface CleanLimitOptions {
  /** `none`, `clip` to ±`limitRange`, or `threshold` dynamically. @default 'none' */
  readonly limit?: 'none' | 'clip' | 'threshold';
  /** The bound of `clip`, 1e-6 to 1e6. @default 1 */
  readonly limitRange?: number;
  /** The quantile of `threshold`, 0 to 1. @default 0.995 */
  readonly thresholdRatio?: number;
  /** The largest s of `threshold`; at its least value, 1, `threshold` is a clamp to ±1. 1e-6 to 1e6. @default 1 */
  readonly thresholdMaximum?: number;
}

/** The same, with nothing left open. */
export type CleanLimit = Required<CleanLimitOptions>;

/** Reads and checks the settings; throws `schedule.invalid`. */
export function cleanLimit(sampler: string, options: CleanLimitOptions): CleanLimit {
  const range = { minimum: 1e-6, maximum: 1e6 };
  return {
    limit: choiceSetting<CleanLimit['limit']>({
      place: `${sampler}.limit`,
      value: options.limit,
      fallback: 'none',
      choices: ['none', 'clip', 'threshold'],
    }),
    limitRange: numberSetting({ place: `${sampler}.limitRange`, value: options.limitRange, fallback: 1, ...range }),
    thresholdRatio: numberSetting({
      place: `${sampler}.thresholdRatio`,
      value: options.thresholdRatio,
      fallback: 0.995,
      minimum: 0,
      maximum: 1,
    }),
    thresholdMaximum: numberSetting({
      place: `${sampler}.thresholdMaximum`,
      value: options.thresholdMaximum,
      fallback: 1,
      ...range,
    }),
  };
}

/** The JSON schemas of these settings, for a sampler's contribution. */
export const cleanLimitSchemas = {
  limit: {
    enum: ['none', 'clip', 'threshold'],
    default: 'none',
    description: 'Whether the clean estimate is kept in range: clamped, or thresholded dynamically. For pixels only.',
  },
  limitRange: { type: 'number', minimum: 1e-6, maximum: 1e6, default: 1, description: 'The bound of `clip`.' },
  thresholdRatio: {
    type: 'number',
    minimum: 0,
    maximum: 1,
    default: 0.995,
    description: 'The quantile of `threshold`.',
  },
  thresholdMaximum: {
    type: 'number',
    minimum: 1e-6,
    maximum: 1e6,
    default: 1,
    description: 'The largest divisor of `threshold`.',
  },
} as const;

/** The clean estimate within its limit: the array itself where there is none, else a new one. */
export function limitClean({ clean }: Pick<DenoisingEstimate, 'clean'>, limit: CleanLimit): Float32Array {
  if (limit.limit === 'none') return clean;
  if (limit.limit === 'clip') return clamped(clean, limit.limitRange);
  const bound = Math.min(limit.thresholdMaximum, Math.max(1, quantile(clean.map(Math.abs), limit.thresholdRatio)));
  const scale = Math.fround(bound);
  const limited = clamped(clean, scale);
  for (let i = 0; i < limited.length; i += 1) limited[i] = limited[i]! / scale;
  return limited;
}

function clamped(values: Float32Array, bound: number): Float32Array {
  const within = new Float32Array(values.length);
  for (let i = 0; i < within.length; i += 1) within[i] = Math.min(bound, Math.max(-bound, values[i]!));
  return within;
}

/** Linear between the two nearest ranks, as numpy and torch do by default. Sorts its argument. */
function quantile(values: Float32Array, share: number): number {
  values.sort();
  const rank = share * (values.length - 1);
  const low = Math.floor(rank);
  const [below, above] = [values[low] as number, values[Math.min(low + 1, values.length - 1)] as number];
  return below + (rank - low) * (above - below);
}
