import type { NoiseSchedule, PredictionType } from '@transfuse/core/contracts';
import {
  createCosineSchedule,
  createExpSchedule,
  createLaplaceSchedule,
  createLinearSchedule,
  createScaledLinearSchedule,
  createSigmoidSchedule,
  createTrainedBetasSchedule,
} from '../schedules/index.ts';
import type { SchedulerFields } from './scheduler-fields.ts';

// The fields that nearly every class of a discrete chain has: its betas, and what the network predicts.

/** The names of beta schedules in a file. */
export type BetaScheduleName = 'linear' | 'scaled_linear' | 'squaredcos_cap_v2' | 'sigmoid' | 'laplace' | 'exp';

/** The fields that {@link betaSchedule} reads, with their usual defaults; a class spreads and overrides them. */
export const betaDefaults = {
  num_train_timesteps: 1000,
  beta_start: 0.0001,
  beta_end: 0.02,
  beta_schedule: 'linear',
  trained_betas: null,
} as const;

/** The schedule that a file's betas describe. */
export function betaSchedule(
  fields: SchedulerFields,
  options: {
    /** The names this class knows. */
    readonly names: readonly BetaScheduleName[];
    /** Whether the class has `rescale_betas_zero_snr`. Default `absent`. */
    readonly zeroTerminalSnr?: 'field' | 'absent';
  },
): NoiseSchedule {
  const timesteps = fields.integer('num_train_timesteps');
  const zeroTerminalSnr = options.zeroTerminalSnr === 'field' && fields.flag('rescale_betas_zero_snr');
  const betas = fields.optionalNumbers('trained_betas');
  if (betas !== null) return createTrainedBetasSchedule({ betas, zeroTerminalSnr });
  const ends = { betaStart: fields.number('beta_start'), betaEnd: fields.number('beta_end') };
  switch (fields.choice('beta_schedule', options.names)) {
    case 'linear':
      return createLinearSchedule({ timesteps, ...ends, zeroTerminalSnr });
    case 'scaled_linear':
      return createScaledLinearSchedule({ timesteps, ...ends, zeroTerminalSnr });
    case 'sigmoid':
      return createSigmoidSchedule({ timesteps, ...ends, zeroTerminalSnr });
    case 'squaredcos_cap_v2':
      return createCosineSchedule({ timesteps, zeroTerminalSnr });
    case 'laplace':
      return createLaplaceSchedule({ timesteps, zeroTerminalSnr });
    case 'exp':
      return createExpSchedule({ timesteps, zeroTerminalSnr });
  }
}

const predictions = {
  epsilon: 'epsilon',
  sample: 'sample',
  v_prediction: 'velocity',
  flow_prediction: 'velocity',
} as const satisfies Record<string, PredictionType>;

/** What the network predicts, by the name in the file. */
export function predictionType(
  fields: SchedulerFields,
  supported: readonly (keyof typeof predictions)[] = ['epsilon', 'sample', 'v_prediction'],
): PredictionType {
  return predictions[fields.choice('prediction_type', supported)];
}
