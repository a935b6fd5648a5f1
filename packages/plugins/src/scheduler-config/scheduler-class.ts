import type { NoiseSchedule, PredictionType, Sampler } from '@transfuse/core/contracts';
import type { SchedulerFields } from './scheduler-fields.ts';

// How one class of the diffusers library is read: which fields its `scheduler_config.json` has, what they default to,
// and which schedule, prediction and sampler of ours they mean. One file per class lies beside this one.

/** What a `scheduler_config.json` means here. */
export interface BuiltScheduler {
  readonly schedule: NoiseSchedule;
  /** What the network predicts. */
  readonly prediction: PredictionType;
  readonly sampler: Sampler;
  /** The timestep as that library counts it, at a time of ours; default `time * schedule.timesteps`, 1000 for a continuous schedule. */
  timestepOf?(time: number): number;
}

/** One class. */
export interface SchedulerClass {
  /** For example `DDIMScheduler`. */
  readonly className: string;
  /** Every constructor argument with its default there; the fields a file may have, in the order they are written. */
  readonly defaults: Readonly<Record<string, unknown>>;
  /**
   * Builds what the fields say. Arguments that are passed to `step` there instead of standing in the file (DDIM's eta,
   * Euler's churn) are read with `fields.argument`.
   */
  build(fields: SchedulerFields): BuiltScheduler;
}
