import type { Contribution, LossWeighting } from '@transfuse/core/contracts';
import { numberSetting } from '../schedules/setting.ts';
import { insideLevel, signalToNoise, weightElsewhere } from './clean-error.ts';

// P2 weighting (Choi et al. 2022, arXiv 2204.00227, equation 8): the squared error of the noise counts
// 1 / (k + SNR)^gamma, less where the data is almost clean and only imperceptible detail is left to learn.

/** Settings of {@link createP2Weighting}. */
export interface P2Options {
  /** Keeps the factor from growing without bound towards noise, 0.001 to 1000. @default 1 */
  readonly k?: number;
  /** How strongly clean levels are held back, 0 (not at all) to 10. @default 1 */
  readonly gamma?: number;
}

const ranges = { k: { minimum: 0.001, maximum: 1000 }, gamma: { minimum: 0, maximum: 10 } } as const;
const defaults = { k: 1, gamma: 1 } as const;

/**
 * The P2 weighting, converted from the error of the noise to the space asked for. Alpha and sigma below 1e-5 count as
 * 1e-5, so every weight is finite; that of the clean sample still grows large towards clean data where gamma is below 1.
 *
 * Throws `schedule.invalid` for a setting out of range.
 *
 * @example
 * ```ts
 * import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
 * import { createP2Weighting } from '@transfuse/plugins/weightings';
 * const level = createFlowMatchingSchedule().at(0.25); // SNR 9
 * console.assert(Math.abs(createP2Weighting().weight(level, 'epsilon') - 1 / 10) < 1e-12);
 * ```
 */
export function createP2Weighting(options: P2Options = {}): LossWeighting {
  const setting = (field: 'k' | 'gamma') =>
    numberSetting({ place: `p2.${field}`, value: options[field], fallback: defaults[field], ...ranges[field] });
  const config = Object.freeze({ k: setting('k'), gamma: setting('gamma') });
  return {
    name: 'p2',
    config,
    weight(level, prediction) {
      const inside = insideLevel(level);
      const weight = (config.k + signalToNoise(inside)) ** -config.gamma;
      return weightElsewhere(weight, 'epsilon', prediction, inside);
    },
  };
}

/** The P2 weighting as a plugin's contribution: `loss-weighting`, `p2`. */
export const p2Contribution: Contribution<'loss-weighting'> = {
  kind: 'loss-weighting',
  name: 'p2',
  description: 'P2 (Choi et al. 2022): the error of the noise counts 1 / (k + SNR)^gamma.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      k: {
        type: 'number',
        ...ranges.k,
        default: defaults.k,
        description: 'Keeps the factor from growing without bound towards noise.',
      },
      gamma: {
        type: 'number',
        ...ranges.gamma,
        default: defaults.gamma,
        description: 'How strongly clean levels are held back; 0 is not at all.',
      },
    },
  },
  create: (config) => createP2Weighting(config as P2Options),
};
