import type { CleanLimitOptions } from '../samplers/clean-limit.ts';
import type { SchedulerFields } from './scheduler-fields.ts';

// The fields by which several classes keep the clean estimate in range. Thresholding goes before clipping, as there.

/** The fields with their usual defaults; a class spreads and overrides them. */
export const cleanLimitDefaults = {
  clip_sample: true,
  clip_sample_range: 1.0,
  thresholding: false,
  dynamic_thresholding_ratio: 0.995,
  sample_max_value: 1.0,
} as const;

/** The limit that the fields describe; the numbers of a limit that is switched off are not read. */
export function cleanLimitFields(fields: SchedulerFields): CleanLimitOptions {
  const clip = fields.flag('clip_sample');
  if (fields.flag('thresholding')) {
    return {
      limit: 'threshold',
      thresholdRatio: fields.number('dynamic_thresholding_ratio'),
      thresholdMaximum: fields.number('sample_max_value'),
    };
  }
  return clip ? { limit: 'clip', limitRange: fields.number('clip_sample_range') } : { limit: 'none' };
}
