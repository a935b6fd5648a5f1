import { type Contribution, type Guider, TransfuseError } from '@transfuse/core/contracts';
import { integerSetting } from '../schedules/setting.ts';
import { scaleSchema, scaleSetting } from './scale-setting.ts';
import { dot } from './vector.ts';

// CFG-Zero* (Fan et al. 2025, arXiv 2503.18886), for flow matching: the output without text is first scaled by its
// projection onto the conditional one, s* = <conditional, without> / |without|², and the very first evaluations, where
// the learned velocity is worse than none, give zero.

/** Settings of {@link createCfgZeroStarGuider}. */
export interface CfgZeroStarOptions {
  /** 0 to 1000; 1 leaves only the zeros at the beginning. @default 5 */
  readonly scale?: number;
  /** How many evaluations at the beginning give zero, 0 to 1000; needs velocity prediction where above 0. @default 1 */
  readonly zeroSteps?: number;
}

/** What keeps a division by a zero norm finite. */
const epsilon = 1e-8;

/**
 * Creates the guider. Throws `schedule.invalid` for a setting out of range; `guide` throws it where zeros are asked of a
 * model that predicts anything but a velocity.
 */
export function createCfgZeroStarGuider(options: CfgZeroStarOptions = {}): Guider {
  const scale = scaleSetting('cfg-zero-star.scale', options.scale, 5);
  const zeroSteps = integerSetting({
    place: 'cfg-zero-star.zeroSteps',
    value: options.zeroSteps,
    fallback: 1,
    minimum: 0,
    maximum: 1000,
  });
  return {
    name: 'cfg-zero-star',
    config: Object.freeze({ scale, zeroSteps }),
    branches: scale === 1 ? [] : ['without-text'],
    guide({ guided, outputs, moment, prediction }) {
      if (moment.index < zeroSteps) {
        if (prediction !== 'velocity') throw needsVelocity(prediction);
        return { guided: new Float32Array(guided.length) };
      }
      const without = outputs['without-text'];
      if (without === undefined) return { guided };
      const optimal = dot(guided, without) / (dot(without, without) + epsilon);
      return {
        guided: guided.map((x, i) => {
          const start = optimal * (without[i] as number);
          return start + scale * (x - start);
        }),
      };
    },
  };
}

function needsVelocity(prediction: string): TransfuseError {
  return new TransfuseError({
    code: 'schedule.invalid',
    place: 'cfg-zero-star.zeroSteps',
    found: `a model that predicts ${prediction}`,
    expected: 'velocity prediction, where zero means standing still',
    mend: 'Set zeroSteps to 0.',
  });
}

/** The guider as a plugin's contribution: `guider`, `cfg-zero-star`. */
export const cfgZeroStarContribution: Contribution<'guider'> = {
  kind: 'guider',
  name: 'cfg-zero-star',
  description: 'Classifier-free guidance with a projected weaker branch and zeros at first (Fan et al. 2025).',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      scale: scaleSchema('How far; 1 leaves only the zeros at the beginning.', 5),
      zeroSteps: {
        type: 'integer',
        minimum: 0,
        maximum: 1000,
        default: 1,
        description: 'How many evaluations at the beginning give zero; needs velocity prediction.',
      },
    },
  },
  create: (config) => createCfgZeroStarGuider(config as CfgZeroStarOptions),
};
