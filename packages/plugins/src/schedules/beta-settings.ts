import type { JsonSchema } from '@transfuse/core/contracts';
import { choiceSetting, integerSetting, numberSetting } from './setting.ts';

// The settings that the discrete schedules share, read and checked, and the same as JSON schemas for the host.

/** Settings of every discrete schedule that is given by a curve. */
export interface DiscreteOptions {
  /** The number of discrete timesteps T, 1 to 100000. @default 1000 */
  readonly timesteps?: number;
  /**
   * Whether to rescale the betas so that the last timestep is pure noise, alpha exactly 0 (Lin et al. 2023). Predict
   * the sample or the velocity then: predicted noise says nothing of the sample there. @default false
   */
  readonly zeroTerminalSnr?: boolean;
}

/** Settings of the discrete schedules whose betas run from one number to another. */
export interface BetaRangeOptions extends DiscreteOptions {
  /** The first beta, the share of variance that a timestep replaces by noise, 1e-7 to 0.9999. @default 0.0001 */
  readonly betaStart?: number;
  /** The last beta, 1e-7 to 0.9999. @default 0.02 */
  readonly betaEnd?: number;
}

/** The most timesteps that a discrete schedule may have. */
export const maximumTimesteps = 100_000;
/** The smallest beta that still changes a float32 product. */
export const minimumBeta = 1e-7;
const maximumBeta = 0.9999;
const defaults = { timesteps: 1000, betaStart: 0.0001, betaEnd: 0.02, zeroTerminalSnr: false } as const;

/** Reads the settings of the schedule so named; throws `schedule.invalid`. */
export function discreteSettings(schedule: string, options: DiscreteOptions): Required<DiscreteOptions> {
  return {
    timesteps: integerSetting({
      place: `${schedule}.timesteps`,
      value: options.timesteps,
      fallback: defaults.timesteps,
      minimum: 1,
      maximum: maximumTimesteps,
    }),
    zeroTerminalSnr: zeroTerminalSnrSetting(schedule, options.zeroTerminalSnr),
  };
}

/** Reads the settings of the schedule so named; throws `schedule.invalid`. */
export function betaRangeSettings(schedule: string, options: BetaRangeOptions): Required<BetaRangeOptions> {
  const beta = (field: 'betaStart' | 'betaEnd') =>
    numberSetting({
      place: `${schedule}.${field}`,
      value: options[field],
      fallback: defaults[field],
      minimum: minimumBeta,
      maximum: maximumBeta,
    });
  const { timesteps, zeroTerminalSnr } = discreteSettings(schedule, options);
  return { timesteps, betaStart: beta('betaStart'), betaEnd: beta('betaEnd'), zeroTerminalSnr };
}

/** Reads the one setting that every discrete schedule has; throws `schedule.invalid`. */
export function zeroTerminalSnrSetting(schedule: string, value: boolean | undefined): boolean {
  return choiceSetting<boolean>({
    place: `${schedule}.zeroTerminalSnr`,
    value,
    fallback: defaults.zeroTerminalSnr,
    choices: [true, false],
  });
}

/** The schema of {@link DiscreteOptions.zeroTerminalSnr}. */
export const zeroTerminalSnrSchema = {
  type: 'boolean',
  default: defaults.zeroTerminalSnr,
  description: 'Whether the betas are rescaled so that the last timestep is pure noise.',
} as const;

const timestepsSchema = {
  type: 'integer',
  minimum: 1,
  maximum: maximumTimesteps,
  default: defaults.timesteps,
  description: 'The number of discrete timesteps.',
} as const;

const betaSchema = (description: string, fallback: number) =>
  ({ type: 'number', minimum: minimumBeta, maximum: maximumBeta, default: fallback, description }) as const;

/** The schema of {@link DiscreteOptions}. */
export const discreteSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: { timesteps: timestepsSchema, zeroTerminalSnr: zeroTerminalSnrSchema },
};

/** The schema of {@link BetaRangeOptions}. */
export const betaRangeSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    timesteps: timestepsSchema,
    betaStart: betaSchema('The share of variance that the first timestep replaces by noise.', defaults.betaStart),
    betaEnd: betaSchema('The share of variance that the last timestep replaces by noise.', defaults.betaEnd),
    zeroTerminalSnr: zeroTerminalSnrSchema,
  },
};
