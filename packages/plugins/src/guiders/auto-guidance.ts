import type { Contribution, Guider } from '@transfuse/core/contracts';
import { scaleSchema, scaleSetting } from './scale-setting.ts';
import { extrapolate } from './vector.ts';

// Autoguidance (Karras et al. 2024, arXiv 2406.02507): away from a weaker model of the same kind, smaller or less trained,
// which makes the same mistakes, only worse. The weaker model is the option `weak` of a generation.

/** Settings of {@link createAutoGuider}. */
export interface AutoGuidanceOptions {
  /** 0 to 1000; 1 is no guidance and needs no weaker model. @default 2 */
  readonly scale?: number;
}

/** Creates the guider. Throws `schedule.invalid` for a scale out of range. */
export function createAutoGuider(options: AutoGuidanceOptions = {}): Guider {
  const scale = scaleSetting('auto-guidance.scale', options.scale, 2);
  return {
    name: 'auto-guidance',
    config: Object.freeze({ scale }),
    branches: scale === 1 ? [] : ['weak'],
    guide: ({ guided, outputs }) => ({
      guided: outputs.weak === undefined ? guided : extrapolate(outputs.weak, guided, scale),
    }),
  };
}

/** The guider as a plugin's contribution: `guider`, `auto-guidance`. */
export const autoGuidanceContribution: Contribution<'guider'> = {
  kind: 'guider',
  name: 'auto-guidance',
  description: 'Away from a weaker model of the same kind, the option `weak` of a generation (Karras et al. 2024).',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: { scale: scaleSchema('How far; 1 is no guidance.', 2) },
  },
  create: (config) => createAutoGuider(config as AutoGuidanceOptions),
};
