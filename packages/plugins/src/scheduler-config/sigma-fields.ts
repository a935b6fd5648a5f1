import { type NoiseSchedule, type PredictionType, TransfuseError } from '@transfuse/core/contracts';
import type { LadderSettings, LadderSpacing } from '../samplers/sigma/ladder-settings.ts';
import { type BetaScheduleName, betaDefaults, betaSchedule } from './beta-fields.ts';
import type { SchedulerFields } from './scheduler-fields.ts';

// The fields that the classes in sigma space share: how their noise levels are spread, and their betas. Two classes have
// fewer of them, and the second-order ones have other betas by default.

/** The fields of every class, with the defaults of `EulerDiscreteScheduler`. */
export const sigmaDefaults = {
  ...betaDefaults,
  prediction_type: 'epsilon',
  timestep_spacing: 'linspace',
  steps_offset: 0,
} as const;

/** The fields that spread sigmas anew. */
export const spreadDefaults = {
  use_karras_sigmas: false,
  use_exponential_sigmas: false,
  use_beta_sigmas: false,
} as const;

/** The betas that the second-order classes begin with. */
export const secondOrderBetas = { beta_start: 0.00085, beta_end: 0.012 } as const;

/** The schedule, of one of the usual names or of others that a class knows. */
export function sigmaSchedule(
  fields: SchedulerFields,
  options: { readonly others?: readonly BetaScheduleName[]; readonly zeroTerminalSnr?: 'field' | 'absent' } = {},
): NoiseSchedule {
  const betas = fields.optionalNumbers('trained_betas');
  if (betas !== null) {
    fields.only('num_train_timesteps', betas.length, `trained_betas has ${betas.length} numbers, one per timestep`);
  }
  return betaSchedule(fields, {
    names: ['linear', 'scaled_linear', 'squaredcos_cap_v2', ...(options.others ?? [])],
    zeroTerminalSnr: options.zeroTerminalSnr ?? 'absent',
  });
}

/** What the network predicts; `sample` only where the class has it. */
export function sigmaPrediction(
  fields: SchedulerFields,
  sample: 'with sample' | 'without sample',
  synonyms: readonly string[] = [],
): PredictionType {
  const names = ['epsilon', 'v_prediction', ...(sample === 'with sample' ? ['sample'] : []), ...synonyms];
  const name = fields.choice('prediction_type', names);
  if (name === 'v_prediction') return 'velocity';
  return name === 'epsilon' ? 'epsilon' : 'sample';
}

/** How the noise levels are spread: with the fields that spread them anew, or without. */
export function ladderFields(
  fields: SchedulerFields,
  spread: 'with spread' | 'without spread',
  prediction: PredictionType,
): LadderSettings {
  return {
    spacing: fields.choice('timestep_spacing', ['linspace', 'leading', 'trailing']),
    stepsOffset: fields.integer('steps_offset'),
    sigmas: spread === 'with spread' ? spreadOf(fields) : 'training',
    prediction,
  };
}

function spreadOf(fields: SchedulerFields): LadderSpacing {
  const flags = {
    karras: 'use_karras_sigmas',
    exponential: 'use_exponential_sigmas',
    beta: 'use_beta_sigmas',
  } as const;
  const chosen = (Object.keys(flags) as (keyof typeof flags)[]).filter((name) => fields.flag(flags[name]));
  if (chosen.length < 2) return chosen[0] ?? 'training';
  throw new TransfuseError({
    code: 'config.invalid',
    place: `${fields.className}, fields ${chosen.map((name) => flags[name]).join(' and ')}`,
    found: 'true for more than one',
    expected: 'at most one way of spreading sigmas',
    mend: 'Set all but one of them to false.',
  });
}
