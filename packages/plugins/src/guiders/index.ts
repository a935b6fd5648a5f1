import type { Plugin } from '@transfuse/core/contracts';
import { adaptiveProjectedContribution } from './adaptive-projected.ts';
import { autoGuidanceContribution } from './auto-guidance.ts';
import { cfgZeroStarContribution } from './cfg-zero-star.ts';
import { classifierFreeContribution } from './classifier-free.ts';
import { imageGuidanceContribution } from './image-guidance.ts';
import { intervalContribution } from './interval.ts';
import { normClampContribution } from './norm-clamp.ts';
import { rescaleContribution } from './rescale.ts';
import { textAndImageContribution } from './text-and-image.ts';

// The guiders: ways of steering the denoising, one file each; a configuration chains them.

export { type AdaptiveProjectedOptions, createAdaptiveProjectedGuider } from './adaptive-projected.ts';
export { type AutoGuidanceOptions, createAutoGuider } from './auto-guidance.ts';
export { type CfgZeroStarOptions, createCfgZeroStarGuider } from './cfg-zero-star.ts';
export { type ClassifierFreeOptions, createClassifierFreeGuider } from './classifier-free.ts';
export { createImageGuider, type ImageGuidanceOptions } from './image-guidance.ts';
export { createIntervalGuider, type IntervalOptions } from './interval.ts';
export { createNormClampGuider, type NormClampOptions } from './norm-clamp.ts';
export { createRescaleGuider, type RescaleOptions } from './rescale.ts';
export { createTextAndImageGuider, type TextAndImageOptions } from './text-and-image.ts';

const contributions = [
  classifierFreeContribution,
  textAndImageContribution,
  imageGuidanceContribution,
  intervalContribution,
  rescaleContribution,
  normClampContribution,
  cfgZeroStarContribution,
  adaptiveProjectedContribution,
  autoGuidanceContribution,
];

/** The plugin of the guiders alone; `diffusion` of `@transfuse/plugins` has them together with everything diffusion needs. */
export const guiders: Plugin = {
  manifest: {
    name: '@transfuse/plugins/guiders',
    version: '0.0.0',
    api: '^1.0.0',
    provides: contributions.map(({ name }) => `guider:${name}`),
  },
  contributions,
};
