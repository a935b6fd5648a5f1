import type { Contribution, LossWeighting } from '@transfuse/core/contracts';
import { numberSetting } from '../schedules/setting.ts';
import { insideLevel, signalToNoise, weightElsewhere } from './clean-error.ts';

// Weighting by the signal-to-noise ratio: SNR on the squared error of the clean sample, which is the same as 1 on that of
// the noise (Salimans and Ho 2022, arXiv 2202.00512, section 4). It lets a network that predicts the sample or the
// velocity be trained with the loss of one that predicts noise; truncated, it no longer favours almost clean data
// without bound.

/** Settings of {@link createSnrWeighting}. */
export interface SnrOptions {
  /** The SNR is at most this, 1e-6 to 1e10; the largest leaves it as it is at every training time. @default 1e10 */
  readonly maximum?: number;
}

const maximumRange = { minimum: 1e-6, maximum: 1e10 } as const;
const defaultMaximum = 1e10;

/**
 * The SNR weighting: `min(SNR, maximum)` on the squared error of the clean sample, converted to the space asked for:
 * `min(SNR, maximum) / SNR` for epsilon, `min(SNR, maximum) / (SNR + 1)` for the velocity of a variance-preserving
 * schedule. Alpha and sigma below 1e-5 count as 1e-5, so every weight is finite.
 *
 * Throws `schedule.invalid` for a maximum out of range.
 *
 * @example
 * ```ts
 * import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
 * import { createSnrWeighting } from '@transfuse/plugins/weightings';
 * const level = createFlowMatchingSchedule().at(0.25); // SNR 9
 * console.assert(Math.abs(createSnrWeighting().weight(level, 'sample') - 9) < 1e-9);
 * ```
 */
export function createSnrWeighting(options: SnrOptions = {}): LossWeighting {
  const maximum = numberSetting({
    place: 'snr.maximum',
    value: options.maximum,
    fallback: defaultMaximum,
    ...maximumRange,
  });
  return {
    name: 'snr',
    config: Object.freeze({ maximum }),
    weight(level, prediction) {
      const inside = insideLevel(level);
      return weightElsewhere(Math.min(signalToNoise(inside), maximum), 'sample', prediction, inside);
    },
  };
}

/** The SNR weighting as a plugin's contribution: `loss-weighting`, `snr`. */
export const snrContribution: Contribution<'loss-weighting'> = {
  kind: 'loss-weighting',
  name: 'snr',
  description: 'The signal-to-noise ratio on the error of the clean sample: the loss of noise prediction, truncated.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      maximum: {
        type: 'number',
        ...maximumRange,
        default: defaultMaximum,
        description: 'The ratio is at most this.',
      },
    },
  },
  create: (config) => createSnrWeighting(config as SnrOptions),
};
