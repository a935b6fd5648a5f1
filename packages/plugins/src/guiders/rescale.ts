import type { Contribution, Guider } from '@transfuse/core/contracts';
import { numberSetting } from '../schedules/setting.ts';
import { standardDeviation } from './vector.ts';

// Rescaled guidance (Lin et al. 2023, arXiv 2305.08891, section 3.4): strong guidance makes outputs too large and pictures
// overexposed. The guided output is scaled to the standard deviation of the conditional one, and mixed with itself.

/** Settings of {@link createRescaleGuider}. */
export interface RescaleOptions {
  /** How much of the rescaled output there is, 0 (none) to 1. @default 0.7 */
  readonly factor?: number;
}

/** Creates the guider; it stands after one that combines branches. Throws `schedule.invalid` for a factor out of range. */
export function createRescaleGuider(options: RescaleOptions = {}): Guider {
  const factor = numberSetting({
    place: 'rescale.factor',
    value: options.factor,
    fallback: 0.7,
    minimum: 0,
    maximum: 1,
  });
  return {
    name: 'rescale',
    config: Object.freeze({ factor }),
    branches: [],
    guide({ guided, outputs }) {
      const deviation = standardDeviation(guided);
      if (!(deviation > 0)) return { guided };
      const scale = factor * (standardDeviation(outputs.conditional) / deviation) + (1 - factor);
      return { guided: guided.map((x) => scale * x) };
    },
  };
}

/** The guider as a plugin's contribution: `guider`, `rescale`. */
export const rescaleContribution: Contribution<'guider'> = {
  kind: 'guider',
  name: 'rescale',
  description: 'Scales the guided output towards the deviation of the conditional one (Lin et al. 2023).',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      factor: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        default: 0.7,
        description: 'How much of the rescaled output there is.',
      },
    },
  },
  create: (config) => createRescaleGuider(config as RescaleOptions),
};
