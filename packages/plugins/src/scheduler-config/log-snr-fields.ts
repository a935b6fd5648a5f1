import { TransfuseError } from '@transfuse/core/contracts';
import type { CleanLimitOptions } from '../samplers/clean-limit.ts';
import type { LogSnrOptions } from '../samplers/log-snr/log-snr-settings.ts';
import { logSnrTable } from '../samplers/log-snr/log-snr-table.ts';
import type { SigmaSpacing } from '../samplers/sigma-spacing.ts';
import { createFlowMatchingSchedule } from '../schedules/index.ts';
import { betaDefaults, betaSchedule } from './beta-fields.ts';
import type { BuiltScheduler } from './scheduler-class.ts';
import type { SchedulerFields } from './scheduler-fields.ts';
import {
  flowNoiseOfVariancePreserving,
  flowVelocityOfVariancePreserving,
  turnedNoiseOfStraight,
  turnedVelocityOfStraight,
  withVelocity,
} from './velocity-convention.ts';

// The fields that the classes of the log-SNR family share: the path, the spread of noise levels, the thresholding, and
// what the network predicts.

/** Fields of every class of the family, with their usual defaults. */
export const logSnrDefaults = {
  ...betaDefaults,
  prediction_type: 'epsilon',
  thresholding: false,
  dynamic_thresholding_ratio: 0.995,
  sample_max_value: 1.0,
  use_karras_sigmas: false,
  use_exponential_sigmas: false,
  use_beta_sigmas: false,
  use_flow_sigmas: false,
  flow_shift: 1.0,
} as const;

/** Where a file's path lies: the betas, or straight with `use_flow_sigmas`. */
export interface LogSnrPath {
  readonly path: 'betas' | 'straight';
  readonly schedule: BuiltScheduler['schedule'];
  /** The betas' sigma / alpha at the first and at the last timestep. */
  readonly smallest: number;
  readonly largest: number;
}

/** Reads the path. */
export function logSnrPath(fields: SchedulerFields, zeroTerminalSnr: 'field' | 'absent' = 'absent'): LogSnrPath {
  const betas = betaSchedule(fields, { names: ['linear', 'scaled_linear', 'squaredcos_cap_v2'], zeroTerminalSnr });
  const { sigmas } = logSnrTable(betas, 'variance-preserving');
  const ends = { smallest: sigmas[0] as number, largest: sigmas.at(-1) as number };
  if (!fields.flag('use_flow_sigmas')) return { path: 'betas', schedule: betas, ...ends };
  return { path: 'straight', schedule: createFlowMatchingSchedule(), ...ends };
}

/** Reads how noise levels are spread. Straight paths spread them their own way only, unless a class says otherwise. */
export function sigmasField(
  fields: SchedulerFields,
  { path }: LogSnrPath,
  straight: readonly SigmaSpacing[] = [],
): SigmaSpacing {
  const names = (['karras', 'exponential', 'beta'] as const).filter((name) => fields.flag(`use_${name}_sigmas`));
  if (names.length > 1) {
    throw refused(fields, names.map((name) => `use_${name}_sigmas`).join(' and '), 'only one of them true');
  }
  const [name = 'training'] = names;
  if (path === 'straight' && name !== 'training' && !straight.includes(name)) {
    throw refused(
      fields,
      `use_${name}_sigmas and use_flow_sigmas`,
      'only one of them true: flow sigmas are spread in their own way here',
    );
  }
  return name;
}

/** Reads what all classes say of their levels. */
export function logSnrFields(fields: SchedulerFields, sigmas: SigmaSpacing): LogSnrOptions & CleanLimitOptions {
  return {
    sigmas,
    rounding: sigmas === 'karras' || sigmas === 'lu' ? 'nearest' : 'down',
    shift: fields.number('flow_shift'),
    trainTimesteps: fields.integer('num_train_timesteps'),
    prediction: predictions[predictionField(fields)],
    ...(fields.flag('thresholding') && {
      limit: 'threshold',
      thresholdRatio: fields.number('dynamic_thresholding_ratio'),
      thresholdMaximum: fields.number('sample_max_value'),
    }),
  };
}

const predictions = {
  epsilon: 'epsilon',
  sample: 'sample',
  v_prediction: 'velocity',
  flow_prediction: 'velocity',
} as const;

function predictionField(fields: SchedulerFields): keyof typeof predictions {
  return fields.choice('prediction_type', ['epsilon', 'sample', 'v_prediction', 'flow_prediction']);
}

/** Reads `lambda_min_clipped`. */
export function minimumLogSnrField(fields: SchedulerFields): Pick<LogSnrOptions, 'minimumLogSnr'> {
  return { minimumLogSnr: Math.max(-100, fields.lowerBound('lambda_min_clipped')) };
}

/** Reads `use_dynamic_shifting` of the classes that take its mu as an option. */
export function dynamicShiftField(fields: SchedulerFields): Pick<LogSnrOptions, 'dynamicShift'> {
  const exponential = fields.flag('use_dynamic_shifting') && fields.choice('time_shift_type', ['exponential']);
  return { dynamicShift: exponential ? 'exponential' : 'none' };
}

/** Puts together what a file means, and reads what the network predicts; `integrates` is what the sampler uses of it. */
export function buildLogSnr(
  fields: SchedulerFields,
  { path, schedule }: LogSnrPath,
  sampler: BuiltScheduler['sampler'],
  integrates: 'clean' | 'noise' | 'noise through clean',
): BuiltScheduler {
  const timesteps = fields.integer('num_train_timesteps');
  const name = predictionField(fields);
  if (name === 'flow_prediction' && integrates === 'noise') {
    throw refused(fields, 'prediction_type', '"epsilon", "sample" or "v_prediction" where noise is integrated');
  }
  const built = {
    schedule,
    sampler,
    prediction: predictions[name],
    ...(path === 'straight' && { timestepOf: (time: number) => time * timesteps }),
  } as const satisfies BuiltScheduler;
  if (name === 'flow_prediction' && path === 'betas') {
    if (integrates === 'clean') return withVelocity(built, name, flowVelocityOfVariancePreserving);
    if (fields.flag('thresholding')) {
      const found = 'true, where that class takes sigma / alpha for sigma as it makes noise of the limited estimate';
      throw refused(fields, 'thresholding', 'false with prediction_type "flow_prediction"', found);
    }
    return withVelocity(built, name, flowNoiseOfVariancePreserving);
  }
  if (name === 'v_prediction' && path === 'straight') {
    return withVelocity(built, name, integrates !== 'noise' ? turnedVelocityOfStraight : turnedNoiseOfStraight);
  }
  return built;
}

/** An error for fields that do not go together. */
export function refused(
  fields: SchedulerFields,
  names: string,
  expected: string,
  found = 'a combination that has no result there either',
): TransfuseError {
  return new TransfuseError({
    code: 'config.invalid',
    place: `${fields.className}, ${names}`,
    found,
    expected,
    mend: 'Change one of the fields.',
  });
}
