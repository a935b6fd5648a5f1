import type { Contribution, Guider } from '@transfuse/core/contracts';
import { choiceSetting, numberSetting } from '../schedules/setting.ts';

// Norm clamping (BAGEL's "CFG-Renorm", Deng et al. 2025, arXiv 2505.14683): the guided output is never larger than the
// conditional one. Its norm is compared as a whole (`global`) or at each position over the channels (`channel`), and it is
// scaled by the ratio, at least `minimum`, at most 1.

/** Settings of {@link createNormClampGuider}. */
export interface NormClampOptions {
  /** What is compared: the whole output, or each position's channels. @default 'global' */
  readonly by?: 'global' | 'channel';
  /** The smallest scale, 0 to 1. @default 0 */
  readonly minimum?: number;
}

/** What keeps a division by a zero norm finite. */
const epsilon = 1e-8;

/** Creates the guider; it stands after one that combines branches. Throws `schedule.invalid` for a setting out of range. */
export function createNormClampGuider(options: NormClampOptions = {}): Guider {
  const by = choiceSetting<'global' | 'channel'>({
    place: 'norm-clamp.by',
    value: options.by,
    fallback: 'global',
    choices: ['global', 'channel'],
  });
  const least = numberSetting({
    place: 'norm-clamp.minimum',
    value: options.minimum,
    fallback: 0,
    minimum: 0,
    maximum: 1,
  });
  return {
    name: 'norm-clamp',
    config: Object.freeze({ by, minimum: least }),
    branches: [],
    guide({ guided, outputs: { conditional }, latentShape }) {
      const run = by === 'global' ? guided.length : (latentShape.at(-1) ?? 1);
      const clamped = new Float32Array(guided.length);
      for (let start = 0; start < guided.length; start += run) {
        let [own, other] = [0, 0];
        for (let i = start; i < start + run; i++) {
          own += (guided[i] as number) ** 2;
          other += (conditional[i] as number) ** 2;
        }
        const scale = Math.min(1, Math.max(least, Math.sqrt(other) / (Math.sqrt(own) + epsilon)));
        for (let i = start; i < start + run; i++) clamped[i] = scale * (guided[i] as number);
      }
      return { guided: clamped };
    },
  };
}

/** The guider as a plugin's contribution: `guider`, `norm-clamp`. */
export const normClampContribution: Contribution<'guider'> = {
  kind: 'guider',
  name: 'norm-clamp',
  description: 'Keeps the guided output no larger than the conditional one, whole or by position (BAGEL, 2025).',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      by: { enum: ['global', 'channel'], default: 'global', description: 'Whose norms are compared.' },
      minimum: { type: 'number', minimum: 0, maximum: 1, default: 0, description: 'The smallest scale.' },
    },
  },
  create: (config) => createNormClampGuider(config as NormClampOptions),
};
