import type { Contribution, NoiseSchedule } from '@transfuse/core/contracts';
import { refuseContinuousTimesteps } from './continuous-timesteps.ts';
import { readSchedulerConfig } from './scheduler-config.ts';

// A noise schedule that is set up by a `scheduler_config.json` of the diffusers library, so that a model is trained with
// exactly what the file says, and sampled with the same file.

/** Settings of {@link createDiffusersSchedule}. */
export interface DiffusersScheduleOptions {
  /** The object in the file. */
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * The schedule that a file describes. What the network is to predict is the file's as well: `readSchedulerConfig` tells.
 *
 * Throws `config.invalid` as `readSchedulerConfig` does.
 *
 * @example
 * ```ts
 * import { createDiffusersSchedule } from '@transfuse/plugins/scheduler-config';
 * const schedule = createDiffusersSchedule({ config: { _class_name: 'EDMEulerScheduler' } });
 * console.assert(Math.abs(schedule.at(1).sigma / schedule.at(1).alpha - 80) < 1e-4);
 * ```
 */
export function createDiffusersSchedule({ config }: DiffusersScheduleOptions): NoiseSchedule {
  const loaded = readSchedulerConfig(config);
  refuseContinuousTimesteps(loaded);
  const { schedule } = loaded;
  return { ...schedule, name: 'diffusers', config: Object.freeze({ config }) };
}

/** The schedule as a plugin's contribution: `noise-schedule`, `diffusers`. */
export const diffusersScheduleContribution: Contribution<'noise-schedule'> = {
  kind: 'noise-schedule',
  name: 'diffusers',
  description: 'The noise schedule that a scheduler_config.json of the diffusers library describes.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['config'],
    properties: { config: { type: 'object', description: 'The object in the file.' } },
  },
  create: (config) => createDiffusersSchedule(config as unknown as DiffusersScheduleOptions),
};
