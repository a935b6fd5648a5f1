import type { Contribution, LossWeighting } from '@transfuse/core/contracts';
import { numberSetting } from '../schedules/setting.ts';
import { insideLevel, signalToNoise, weightElsewhere } from './clean-error.ts';

// Min-SNR weighting (Hang et al. 2023, arXiv 2303.09556, section 3.4): the squared error of the clean sample counts as
// the signal-to-noise ratio says, but never more than gamma, so that the many nearly clean levels do not pull against
// the rest. The factors the paper names follow: min(SNR, gamma) for the sample, min(SNR, gamma) / SNR for epsilon, and
// min(SNR, gamma) / (SNR + 1) for the velocity of a variance-preserving schedule.

/** Settings of {@link createMinSnrWeighting}. */
export interface MinSnrOptions {
  /** The most that an error of the clean sample counts, 0.001 to 1e6. @default 5 */
  readonly gamma?: number;
}

const gammaRange = { minimum: 0.001, maximum: 1e6 } as const;
const defaultGamma = 5;

/**
 * The Min-SNR weighting, for every schedule and space: for flow matching's velocity it is
 * `min((1 - t)², gamma t²)`. Alpha and sigma below 1e-5 count as 1e-5.
 *
 * Throws `schedule.invalid` for a gamma out of range.
 *
 * @example
 * ```ts
 * import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
 * import { createMinSnrWeighting } from '@transfuse/plugins/weightings';
 * const level = createFlowMatchingSchedule().at(0.25); // SNR 9
 * console.assert(createMinSnrWeighting().weight(level, 'sample') === 5);
 * console.assert(Math.abs(createMinSnrWeighting().weight(level, 'epsilon') - 5 / 9) < 1e-12);
 * ```
 */
export function createMinSnrWeighting(options: MinSnrOptions = {}): LossWeighting {
  const place = 'min-snr.gamma';
  const gamma = numberSetting({ place, value: options.gamma, fallback: defaultGamma, ...gammaRange });
  return {
    name: 'min-snr',
    config: Object.freeze({ gamma }),
    weight(level, prediction) {
      const inside = insideLevel(level);
      return weightElsewhere(Math.min(signalToNoise(inside), gamma), 'sample', prediction, inside);
    },
  };
}

/** The Min-SNR weighting as a plugin's contribution: `loss-weighting`, `min-snr`. */
export const minSnrContribution: Contribution<'loss-weighting'> = {
  kind: 'loss-weighting',
  name: 'min-snr',
  description: 'Min-SNR (Hang et al. 2023): the error of the clean sample counts as the SNR, at most gamma.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      gamma: {
        type: 'number',
        ...gammaRange,
        default: defaultGamma,
        description: 'The most that an error of the clean sample counts.',
      },
    },
  },
  create: (config) => createMinSnrWeighting(config as MinSnrOptions),
};
