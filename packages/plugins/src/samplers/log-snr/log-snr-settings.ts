import { choiceSetting, integerSetting, numberSetting, type Setting } from '../../schedules/setting.ts';
import { type KnownPrediction, knownPredictions } from './noise-estimate.ts';
import { type SigmaSpacing, sigmaSpacings } from '../sigma-spacing.ts';

// The settings that decide which noise levels a sampler of the log-SNR family passes through: read and checked here
// once, and the same as JSON schemas for the host.

/** Settings that all samplers of this family have. */
export interface LogSnrOptions {
  /**
   * How timesteps are spread over a discrete schedule. All customs leave out timestep 0, where a step would end:
   * `leading` takes multiples of floor(T / (steps + 1)), `linspace` and `trailing` begin with the last timestep. With
   * predicted noise and a schedule that ends near pure noise (cosine), keep `leading`. @default 'leading'
   */
  readonly spacing?: 'leading' | 'trailing' | 'linspace';
  /** Added to every timestep with spacing `leading`; 0 to 100000. @default 0 */
  readonly stepsOffset?: number;
  /**
   * Whether noise levels are those of the timesteps, or spread anew over the same range: evenly in sigma^(1/7)
   * (Karras et al. 2022), evenly in log sigma (`exponential`, and `lu`, which diffusers has under its own name), or by
   * quantiles of Beta(0.6, 0.6) (Lee et al. 2024). @default 'training'
   */
  readonly sigmas?: SigmaSpacing;
  /** The largest sigma / alpha that `sigmas` spreads from, 1e-6 to 1e9; 0 takes the schedule's. @default 0 */
  readonly largest?: number;
  /** The smallest sigma / alpha that `sigmas` spreads to, 1e-9 to 1e6; 0 takes the schedule's. @default 0 */
  readonly smallest?: number;
  /** Timesteps whose log(alpha / sigma) is below are left out; -5.1 keeps the cosine schedule stable. -100 to 100. @default -100 */
  readonly minimumLogSnr?: number;
  /** Over straight paths, moves sigma to `shift * sigma / (1 + (shift - 1) * sigma)`: above 1 towards noise. 0.001 to 1000. @default 1 */
  readonly shift?: number;
  /** Whether the `mu` of a request decides the shift: as exp(mu), or as mu itself (UniPC only). @default 'none' */
  readonly dynamicShift?: 'none' | 'exponential' | 'linear';
  /**
   * Where the last step ends: at clean data, at the schedule's noise level of timestep 0, at the level it begins with
   * (it then does nothing), or at a sigma of your own, 0 to 1e6. @default 'clean'
   */
  readonly end?: 'clean' | 'first-timestep' | 'last' | number;
  /**
   * The whole timesteps by which the network counts time, 1 to 100000. With it, times of a continuous schedule are cut
   * to multiples of 1 / trainTimesteps. 0 takes a discrete schedule's own number, and leaves continuous times as they
   * are. @default 0
   */
  readonly trainTimesteps?: number;
  /** How a timestep that was looked up for a noise level is made whole over a discrete schedule. @default 'nearest' */
  readonly rounding?: 'nearest' | 'down';
  /**
   * What the network predicts, where a run is to follow diffusers to the last digit: decides how estimates of noise are
   * rounded to float32, which matters at the first step of few, near pure noise. @default 'unknown'
   */
  readonly prediction?: KnownPrediction;
}

/** The same, with nothing left open. */
export type LogSnrSettings = Required<LogSnrOptions>;

const defaults = {
  spacing: 'leading',
  stepsOffset: 0,
  sigmas: 'training',
  largest: 0,
  smallest: 0,
  minimumLogSnr: -100,
  shift: 1,
  dynamicShift: 'none',
  end: 'clean',
  trainTimesteps: 0,
  rounding: 'nearest',
  prediction: 'unknown',
} as const satisfies LogSnrSettings;

const choices = {
  spacing: ['leading', 'trailing', 'linspace'],
  sigmas: sigmaSpacings,
  dynamicShift: ['none', 'exponential', 'linear'],
  rounding: ['nearest', 'down'],
  prediction: knownPredictions,
  end: ['clean', 'first-timestep', 'last'],
} as const;

const ranges = {
  stepsOffset: { minimum: 0, maximum: 100_000 },
  largest: { minimum: 0, maximum: 1e9 },
  smallest: { minimum: 0, maximum: 1e6 },
  minimumLogSnr: { minimum: -100, maximum: 100 },
  shift: { minimum: 0.001, maximum: 1000 },
  end: { minimum: 0, maximum: 1e6 },
  trainTimesteps: { minimum: 0, maximum: 100_000 },
} as const;

/** Reads and checks the settings of the sampler so named; throws `schedule.invalid`. */
export function logSnrSettings(sampler: string, options: LogSnrOptions): LogSnrSettings {
  const place = <Field extends keyof LogSnrOptions>(field: Field): Setting<LogSnrSettings[Field]> => ({
    place: `${sampler}.${field}`,
    value: options[field] as LogSnrSettings[Field] | undefined,
    fallback: defaults[field],
  });
  const number = (field: 'largest' | 'smallest' | 'minimumLogSnr' | 'shift') =>
    numberSetting({ ...place(field), ...ranges[field] });
  const integer = (field: 'stepsOffset' | 'trainTimesteps') => integerSetting({ ...place(field), ...ranges[field] });
  return {
    spacing: choiceSetting({ ...place('spacing'), choices: choices.spacing }),
    stepsOffset: integer('stepsOffset'),
    sigmas: choiceSetting({ ...place('sigmas'), choices: choices.sigmas }),
    largest: number('largest'),
    smallest: number('smallest'),
    minimumLogSnr: number('minimumLogSnr'),
    shift: number('shift'),
    dynamicShift: choiceSetting({ ...place('dynamicShift'), choices: choices.dynamicShift }),
    end: endSetting(`${sampler}.end`, options.end),
    trainTimesteps: integer('trainTimesteps'),
    rounding: choiceSetting({ ...place('rounding'), choices: choices.rounding }),
    prediction: choiceSetting({ ...place('prediction'), choices: choices.prediction }),
  };
}

function endSetting(place: string, value: LogSnrOptions['end']): LogSnrSettings['end'] {
  if (typeof value === 'number') return numberSetting({ place, value, fallback: 0, ...ranges.end });
  return choiceSetting({ place, value, fallback: defaults.end, choices: choices.end });
}

const chosen = (field: 'spacing' | 'sigmas' | 'dynamicShift' | 'rounding' | 'prediction', description: string) => ({
  enum: choices[field],
  default: defaults[field],
  description,
});

const numeric = (
  type: 'integer' | 'number',
  field: 'stepsOffset' | 'largest' | 'smallest' | 'minimumLogSnr' | 'shift' | 'trainTimesteps',
  description: string,
) => ({ type, ...ranges[field], default: defaults[field], description });

/** The JSON schemas of these settings, for a sampler's contribution. */
export const logSnrSchemas = {
  spacing: chosen('spacing', 'How timesteps are spread over a discrete schedule.'),
  stepsOffset: numeric('integer', 'stepsOffset', 'Added to every timestep with spacing leading.'),
  sigmas: chosen('sigmas', 'Noise levels of the timesteps themselves, or spread anew over the same range.'),
  largest: numeric('number', 'largest', 'The largest sigma / alpha to spread from; 0 takes the schedule’s.'),
  smallest: numeric('number', 'smallest', 'The smallest sigma / alpha to spread to; 0 takes the schedule’s.'),
  minimumLogSnr: numeric('number', 'minimumLogSnr', 'Timesteps with a smaller log(alpha / sigma) are left out.'),
  shift: numeric('number', 'shift', 'Moves the sigmas of straight paths towards noise where it is above 1.'),
  dynamicShift: chosen('dynamicShift', 'Whether the mu of a request decides the shift, as exp(mu) or as mu itself.'),
  end: {
    anyOf: [{ enum: choices.end }, { type: 'number', ...ranges.end }],
    default: defaults.end,
    description: 'Where the last step ends: clean, at timestep 0, where it begins, or at a sigma.',
  },
  trainTimesteps: numeric('integer', 'trainTimesteps', 'Timesteps by which the network counts; 0: the schedule’s own.'),
  rounding: chosen('rounding', 'How a timestep looked up for a noise level is made whole.'),
  prediction: chosen('prediction', 'What the network predicts, to round estimates of noise accordingly.'),
} as const;
