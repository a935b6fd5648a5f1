import type { Plugin } from '@transfuse/core/contracts';
import { constantContribution } from './constant.ts';
import { edmWeightingContribution } from './edm.ts';
import { minSnrContribution } from './min-snr.ts';
import { p2Contribution } from './p2.ts';
import { snrContribution } from './snr.ts';

// The loss weightings: how much an error counts at a noise level, one file each.

export { createConstantWeighting } from './constant.ts';
export { createEdmWeighting, type EdmWeightingOptions } from './edm.ts';
export { createMinSnrWeighting, type MinSnrOptions } from './min-snr.ts';
export { createP2Weighting, type P2Options } from './p2.ts';
export { createSnrWeighting, type SnrOptions } from './snr.ts';

const contributions = [
  constantContribution,
  snrContribution,
  minSnrContribution,
  p2Contribution,
  edmWeightingContribution,
];

/** The plugin of the loss weightings. */
export const weightings: Plugin = {
  manifest: {
    name: '@transfuse/plugins/weightings',
    version: '0.0.0',
    api: '^1.0.0',
    provides: contributions.map(({ kind, name }) => `${kind}:${name}`),
  },
  contributions,
};
