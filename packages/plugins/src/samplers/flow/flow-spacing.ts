import { TransfuseError } from '@transfuse/core/contracts';
import { choiceSetting, integerSetting, numberSetting } from '../../schedules/setting.ts';
import type { SigmaSpacing } from '../sigma-spacing.ts';

// The settings by which flow-matching samplers spread the noise of a run: shifted towards noise, by a constant (Esser et
// al. 2024, arXiv 2403.03206, section 5.3.2) or the more the larger the block, stretched to a last share, or spread anew
// between the two ends. `flow-plan.ts` beside this file turns them into a run's shares of noise.

/** Settings of samplers that move along a straight path. */
export interface FlowSpacingOptions {
  /** How many timesteps time 1 is counted as; the run's last share of noise is one of them. 1 to 1000000. @default 1000 */
  readonly timesteps?: number;
  /** Moves shares s to `shift * s / (1 + (shift - 1) * s)`: above 1 towards noise. 0.001 to 1000. @default 1 */
  readonly shift?: number;
  /**
   * Replaces the shift by one for the request's tokens (or its `mu`): `exponential` shifts by `exp(mu)`, `linear` by
   * `mu`, where mu is on the line through (baseTokens, baseShift) and (maximumTokens, maximumShift). @default 'none'
   */
  readonly dynamicShift?: 'none' | 'exponential' | 'linear';
  /** Mu at `baseTokens`, -100 to 100. @default 0.5 */
  readonly baseShift?: number;
  /** Mu at `maximumTokens`, -100 to 100. @default 1.15 */
  readonly maximumShift?: number;
  /** At least 1. @default 256 */
  readonly baseTokens?: number;
  /** At least 1, other than `baseTokens`. @default 4096 */
  readonly maximumTokens?: number;
  /** Stretches the shares so that the last evaluation has this one, 0 to 0.9999; 0 leaves them as they are. @default 0 */
  readonly terminal?: number;
  /** How the shares are spread between the first and the last. @default 'training' */
  readonly spacing?: Exclude<SigmaSpacing, 'lu'>;
  /** With a spacing other than `training`: the largest share instead of the planned one, 1e-6 to 1. */
  readonly largest?: number;
  /** With a spacing other than `training`: the smallest share instead of the planned one, 1e-6 to 1. */
  readonly smallest?: number;
}

/** The same, checked, with nothing left open but the two ends. */
export type FlowSpacing = Required<Omit<FlowSpacingOptions, 'largest' | 'smallest'>> &
  Pick<FlowSpacingOptions, 'largest' | 'smallest'>;

const defaults = {
  timesteps: 1000,
  shift: 1,
  baseShift: 0.5,
  maximumShift: 1.15,
  baseTokens: 256,
  maximumTokens: 4096,
  terminal: 0,
} as const;

const ranges = {
  timesteps: { minimum: 1, maximum: 1_000_000 },
  shift: { minimum: 0.001, maximum: 1000 },
  baseShift: { minimum: -100, maximum: 100 },
  maximumShift: { minimum: -100, maximum: 100 },
  baseTokens: { minimum: 1, maximum: 1e9 },
  maximumTokens: { minimum: 1, maximum: 1e9 },
  terminal: { minimum: 0, maximum: 0.9999 },
} as const;

const dynamicShifts = ['none', 'exponential', 'linear'] as const;
const spacings = ['training', 'karras', 'exponential', 'beta'] as const;
const ends = { minimum: 1e-6, maximum: 1 } as const;

const numberSchema = (field: keyof typeof ranges, type: 'integer' | 'number', description: string) => ({
  type,
  ...ranges[field],
  default: defaults[field],
  description,
});

/** The JSON schemas of these settings, for a sampler's contribution. */
export const flowSpacingSchemas = {
  timesteps: numberSchema('timesteps', 'integer', 'How many timesteps time 1 is counted as; the run ends one above 0.'),
  shift: numberSchema('shift', 'number', 'Moves the run towards noise where it is above 1.'),
  dynamicShift: {
    enum: dynamicShifts,
    default: 'none',
    description: 'Whether the shift grows with the block’s tokens instead.',
  },
  baseShift: numberSchema('baseShift', 'number', 'The exponent of the dynamic shift at baseTokens.'),
  maximumShift: numberSchema('maximumShift', 'number', 'The exponent of the dynamic shift at maximumTokens.'),
  baseTokens: numberSchema('baseTokens', 'integer', 'A small block’s number of tokens.'),
  maximumTokens: numberSchema('maximumTokens', 'integer', 'A large block’s number of tokens.'),
  terminal: numberSchema(
    'terminal',
    'number',
    'The share of noise that the last evaluation is stretched to; 0 for none.',
  ),
  spacing: { enum: spacings, default: 'training', description: 'How shares of noise are spread over the run.' },
  largest: { type: 'number', ...ends, description: 'The first share of noise, with another spacing than training.' },
  smallest: { type: 'number', ...ends, description: 'The last share of noise, with another spacing than training.' },
} as const;

/** Reads and checks the settings of the sampler so named; throws `schedule.invalid`. */
export function flowSpacing(sampler: string, options: FlowSpacingOptions): FlowSpacing {
  const read = (field: keyof typeof ranges) => ({
    place: `${sampler}.${field}`,
    value: options[field],
    fallback: defaults[field],
    ...ranges[field],
  });
  const end = (field: 'largest' | 'smallest') =>
    options[field] === undefined
      ? {}
      : { [field]: numberSetting({ place: `${sampler}.${field}`, value: options[field], fallback: 1, ...ends }) };
  const spacing = {
    timesteps: integerSetting(read('timesteps')),
    shift: numberSetting(read('shift')),
    dynamicShift: choiceSetting<FlowSpacing['dynamicShift']>({
      place: `${sampler}.dynamicShift`,
      value: options.dynamicShift,
      fallback: 'none',
      choices: dynamicShifts,
    }),
    baseShift: numberSetting(read('baseShift')),
    maximumShift: numberSetting(read('maximumShift')),
    baseTokens: integerSetting(read('baseTokens')),
    maximumTokens: integerSetting(read('maximumTokens')),
    terminal: numberSetting(read('terminal')),
    spacing: choiceSetting<FlowSpacing['spacing']>({
      place: `${sampler}.spacing`,
      value: options.spacing,
      fallback: 'training',
      choices: spacings,
    }),
    ...end('largest'),
    ...end('smallest'),
  };
  if (spacing.dynamicShift === 'none' || spacing.baseTokens !== spacing.maximumTokens) return spacing;
  throw new TransfuseError({
    code: 'schedule.invalid',
    place: `${sampler}.maximumTokens`,
    found: `${spacing.maximumTokens}, as many as baseTokens`,
    expected: 'two numbers of tokens that differ',
    mend: 'Give the larger blocks’ number of tokens.',
  });
}
