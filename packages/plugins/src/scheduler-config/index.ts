import type { Plugin } from '@transfuse/core/contracts';
import { diffusersSamplerContribution } from './diffusers-sampler.ts';
import { diffusersScheduleContribution } from './diffusers-schedule.ts';

// The configurations that the diffusers library stores beside a model: reading and writing them, and using one by name.

export { createDiffusersSampler, type DiffusersSamplerOptions } from './diffusers-sampler.ts';
export { createDiffusersSchedule, type DiffusersScheduleOptions } from './diffusers-schedule.ts';
export { parseSchedulerConfig } from './python-json.ts';
export type { BuiltScheduler, SchedulerClass } from './scheduler-class.ts';
export { schedulerClasses } from './scheduler-classes.ts';
export { type LoadedScheduler, readSchedulerConfig } from './scheduler-config.ts';
export { writeSchedulerConfig } from './scheduler-config-text.ts';
export type { SchedulerFields } from './scheduler-fields.ts';

/** The plugin of the schedule and the sampler `diffusers`, each described by a `scheduler_config.json`. */
export const schedulerConfigs: Plugin = {
  manifest: {
    name: '@transfuse/plugins/scheduler-config',
    version: '0.0.0',
    api: '^1.0.0',
    provides: ['noise-schedule:diffusers', 'sampler:diffusers'],
  },
  contributions: [diffusersScheduleContribution, diffusersSamplerContribution],
};
