import type { Contribution, Guider } from '@transfuse/core/contracts';
import { classifierFreeGuider } from '@transfuse/core/generation';
import { scaleSchema, scaleSetting } from './scale-setting.ts';

// Classifier-free guidance (Ho and Salimans 2022, arXiv 2207.12598): away from the output without text (or with a
// negative prompt in its place), through the one with it. A guidance written as a number is this guider.

/** Settings of {@link createClassifierFreeGuider}. */
export interface ClassifierFreeOptions {
  /** 0 to 1000; 1 is no guidance and costs no second branch. @default 3 */
  readonly scale?: number;
}

/**
 * Creates the guider. Throws `schedule.invalid` for a scale out of range.
 *
 * @example
 * ```ts
 * import { createClassifierFreeGuider } from '@transfuse/plugins/guiders';
 * console.assert(createClassifierFreeGuider({ scale: 1 }).branches.length === 0);
 * ```
 */
export function createClassifierFreeGuider(options: ClassifierFreeOptions = {}): Guider {
  return classifierFreeGuider(scaleSetting('classifier-free.scale', options.scale, 3));
}

/** The guider as a plugin's contribution: `guider`, `classifier-free`. */
export const classifierFreeContribution: Contribution<'guider'> = {
  kind: 'guider',
  name: 'classifier-free',
  description: 'Away from the output without text, or with the negative prompt (Ho and Salimans 2022).',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: { scale: scaleSchema('How far; 1 is no guidance.', 3) },
  },
  create: (config) => createClassifierFreeGuider(config as ClassifierFreeOptions),
};
