import type { NoiseSchedule } from '@transfuse/core/contracts';
import { type BetaScheduleName, betaSchedule } from './beta-fields.ts';
import type { SchedulerFields } from './scheduler-fields.ts';

// The schedule of classes that look every timestep up in the table of betas. There a table of another length than
// `num_train_timesteps` ends in an index error, or in timesteps that the network never saw; here it is refused.

/** The schedule that a file's betas describe, one beta per timestep. */
export function timestepTable(
  fields: SchedulerFields,
  options: { readonly names: readonly BetaScheduleName[]; readonly zeroTerminalSnr?: 'field' | 'absent' },
): NoiseSchedule {
  const betas = fields.optionalNumbers('trained_betas');
  if (betas !== null) fields.only('num_train_timesteps', betas.length, 'as many as trained_betas has');
  return betaSchedule(fields, options);
}
