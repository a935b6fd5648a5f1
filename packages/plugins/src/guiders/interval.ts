import { type Contribution, type Guider, TransfuseError } from '@transfuse/core/contracts';
import { numberSetting } from '../schedules/setting.ts';

// Guidance in a limited interval of noise (Kynkäänniemi et al. 2024, arXiv 2404.07724): harmful at high noise, needless at
// low. Anywhere in a chain it decides for the whole chain; outside the interval only the conditional branch is evaluated.

/** Settings of {@link createIntervalGuider}. */
export interface IntervalOptions {
  /** The least noisy time with guidance, 0 (clean) to 1 (noise). @default 0 */
  readonly from?: number;
  /** The noisiest time with guidance, at least `from`. @default 1 */
  readonly to?: number;
}

/** Creates the guider. Throws `schedule.invalid` for times out of range or order. */
export function createIntervalGuider(options: IntervalOptions = {}): Guider {
  const time = { minimum: 0, maximum: 1 };
  const from = numberSetting({ place: 'interval.from', value: options.from, fallback: 0, ...time });
  const to = numberSetting({ place: 'interval.to', value: options.to, fallback: 1, ...time });
  if (from > to) {
    throw new TransfuseError({
      code: 'schedule.invalid',
      place: 'interval.to',
      found: String(to),
      expected: `at least interval.from, ${from}`,
      mend: 'Times run from 0 (clean) to 1 (noise): exchange the two.',
    });
  }
  return {
    name: 'interval',
    config: Object.freeze({ from, to }),
    branches: [],
    appliesAt: (moment) => moment.time >= from && moment.time <= to,
    guide: ({ guided }) => ({ guided }),
  };
}

const timeSchema = (description: string, fallback: number) =>
  ({ type: 'number', minimum: 0, maximum: 1, default: fallback, description }) as const;

/** The guider as a plugin's contribution: `guider`, `interval`. */
export const intervalContribution: Contribution<'guider'> = {
  kind: 'guider',
  name: 'interval',
  description: 'Limits the whole chain to an interval of noise (Kynkäänniemi et al. 2024).',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      from: timeSchema('The least noisy time with guidance.', 0),
      to: timeSchema('The noisiest time with guidance.', 1),
    },
  },
  create: (config) => createIntervalGuider(config as IntervalOptions),
};
