import { type JsonSchema, TransfuseError } from '@transfuse/core/contracts';
import { choiceSetting, numberSetting } from '../../schedules/setting.ts';
import { type LadderOptions, ladderSchemas, ladderSettings } from './ladder-settings.ts';
import { type NoiseChurn, noiseChurn, type NoiseChurnOptions, noiseChurnSchemas } from '../noise-churn.ts';

// The settings of Euler's method: which noise levels a run passes and ends at, what the network is told there, and how
// much fresh noise the steps take. Read and checked once, and the same as JSON schemas for the host.

/** Settings of {@link createEulerSampler}. */
export interface EulerOptions extends LadderOptions, NoiseChurnOptions {
  /** The largest sigma where `sigmas` spreads them anew; 1e-6 to 1e6. Default: that of the first timestep. */
  readonly sigmaMax?: number;
  /** The smallest sigma above the end where `sigmas` spreads them anew; 1e-6 to 1e6. Default: that of the last timestep. */
  readonly sigmaMin?: number;
  /**
   * Over a discrete schedule: sigma linear between two timesteps, or instead sigmas even in their logarithm over the
   * whole schedule; the run then ends at the schedule's smallest. @default 'linear'
   */
  readonly interpolation?: 'linear' | 'log-linear';
  /** Where the last step ends: at clean data, or at the sigma of the schedule's first timestep. @default 'clean' */
  readonly end?: 'clean' | 'first-timestep';
  /**
   * What the network is told: the schedule's time, or the angle `2 / pi * atan(sigma)`, a time for every sigma however
   * far outside the schedule, for networks that were trained on continuous noise levels. @default 'schedule'
   */
  readonly told?: 'schedule' | 'angle';
}

/** The same, with nothing left open but what has no default number. */
export type EulerSettings = Required<Omit<EulerOptions, 'sigmaMax' | 'sigmaMin'>> &
  Pick<EulerOptions, 'sigmaMax' | 'sigmaMin'> &
  NoiseChurn;

const sigmaRange = { minimum: 1e-6, maximum: 1e6 } as const;

/** Reads and checks the settings; throws `schedule.invalid`. */
export function eulerSettings(options: EulerOptions): EulerSettings {
  const bound = (field: 'sigmaMax' | 'sigmaMin') => {
    const value = options[field];
    if (value === undefined) return {};
    return { [field]: numberSetting({ place: `euler.${field}`, value, fallback: 1, ...sigmaRange }) };
  };
  const settings: EulerSettings = {
    ...ladderSettings('euler', options),
    ...bound('sigmaMax'),
    ...bound('sigmaMin'),
    ...noiseChurn('euler', options),
    interpolation: choiceSetting<'linear' | 'log-linear'>({
      place: 'euler.interpolation',
      value: options.interpolation,
      fallback: 'linear',
      choices: ['linear', 'log-linear'],
    }),
    end: choiceSetting<'clean' | 'first-timestep'>({
      place: 'euler.end',
      value: options.end,
      fallback: 'clean',
      choices: ['clean', 'first-timestep'],
    }),
    told: choiceSetting<'schedule' | 'angle'>({
      place: 'euler.told',
      value: options.told,
      fallback: 'schedule',
      choices: ['schedule', 'angle'],
    }),
  };
  checkOrder(settings);
  return settings;
}

function checkOrder({ sigmaMin, sigmaMax }: EulerSettings): void {
  if (sigmaMin === undefined || sigmaMax === undefined || sigmaMin < sigmaMax) return;
  throw new TransfuseError({
    code: 'schedule.invalid',
    place: 'euler.sigmaMax',
    found: `${sigmaMax} with euler.sigmaMin ${sigmaMin}`,
    expected: 'a number above euler.sigmaMin',
    mend: 'Exchange the two.',
  });
}

/** The JSON schemas of these settings, for the contribution. */
export const eulerSchemas = {
  ...ladderSchemas,
  sigmaMax: { type: 'number', ...sigmaRange, description: 'The largest sigma where sigmas spreads them anew.' },
  sigmaMin: {
    type: 'number',
    ...sigmaRange,
    description: 'The smallest sigma above the end where sigmas spreads them.',
  },
  interpolation: {
    enum: ['linear', 'log-linear'],
    default: 'linear',
    description: 'Sigma linear between timesteps, or sigmas even in their logarithm over the whole schedule.',
  },
  end: {
    enum: ['clean', 'first-timestep'],
    default: 'clean',
    description: 'Whether the last step ends at clean data or at the sigma of the schedule’s first timestep.',
  },
  told: {
    enum: ['schedule', 'angle'],
    default: 'schedule',
    description: 'Whether the network is told the schedule’s time or the angle 2 / pi * atan(sigma).',
  },
  ...noiseChurnSchemas,
  prediction: {
    ...ladderSchemas.prediction,
    description: 'What the network predicts; decides how steps are rounded and what churn holds.',
  },
} as const satisfies Record<string, JsonSchema>;
