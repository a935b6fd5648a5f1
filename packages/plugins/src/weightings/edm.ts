import type { Contribution, LossWeighting } from '@transfuse/core/contracts';
import { numberSetting } from '../schedules/setting.ts';
import { insideLevel, signalToNoise, weightElsewhere } from './clean-error.ts';

// The weighting of EDM (Karras et al. 2022, arXiv 2206.00364, table 1): (s² + d²) / (s d)² on the squared error of the
// clean sample, for noise of deviation s on data of deviation d. With s² = 1 / SNR that is SNR + 1 / d². It makes the
// error of EDM's preconditioned network output count the same at every level; for the velocity of a variance-preserving
// schedule it is 1 where d is 1.

/** Settings of {@link createEdmWeighting}. */
export interface EdmWeightingOptions {
  /** Standard deviation of the data, d, 0.001 to 1000; that of the `edm` schedule. @default 0.5 */
  readonly sigmaData?: number;
}

const sigmaDataRange = { minimum: 0.001, maximum: 1000 } as const;
const defaultSigmaData = 0.5;

/**
 * The EDM weighting: `SNR + 1 / sigmaData²` on the squared error of the clean sample, converted to the space asked for;
 * exactly 1 for the velocity of an `edm` schedule of the same sigmaData. Alpha and sigma below 1e-5 count as 1e-5, so
 * every weight is finite; that of epsilon still grows large towards noise.
 *
 * Throws `schedule.invalid` for a sigmaData out of range.
 *
 * @example
 * ```ts
 * import { createEdmSchedule } from '@transfuse/plugins/schedules';
 * import { createEdmWeighting } from '@transfuse/plugins/weightings';
 * console.assert(Math.abs(createEdmWeighting().weight(createEdmSchedule().at(0.7), 'velocity') - 1) < 1e-9);
 * ```
 */
export function createEdmWeighting(options: EdmWeightingOptions = {}): LossWeighting {
  const sigmaData = numberSetting({
    place: 'edm.sigmaData',
    value: options.sigmaData,
    fallback: defaultSigmaData,
    ...sigmaDataRange,
  });
  return {
    name: 'edm',
    config: Object.freeze({ sigmaData }),
    weight(level, prediction) {
      const inside = insideLevel(level);
      return weightElsewhere(signalToNoise(inside) + sigmaData ** -2, 'sample', prediction, inside);
    },
  };
}

/** The EDM weighting as a plugin's contribution: `loss-weighting`, `edm`. */
export const edmWeightingContribution: Contribution<'loss-weighting'> = {
  kind: 'loss-weighting',
  name: 'edm',
  description: 'EDM (Karras et al. 2022): the error of the preconditioned network output counts the same everywhere.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      sigmaData: {
        type: 'number',
        ...sigmaDataRange,
        default: defaultSigmaData,
        description: 'Standard deviation of the data.',
      },
    },
  },
  create: (config) => createEdmWeighting(config as EdmWeightingOptions),
};
