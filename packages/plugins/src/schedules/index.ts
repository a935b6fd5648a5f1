import type { Plugin } from '@transfuse/core/contracts';
import { continuousCosineContribution } from './continuous-cosine.ts';
import { cosineContribution } from './cosine.ts';
import { edmContribution } from './edm.ts';
import { expContribution } from './exp.ts';
import { flowMatchingContribution } from './flow-matching.ts';
import { laplaceContribution } from './laplace.ts';
import { linearContribution } from './linear.ts';
import { scaledLinearContribution } from './scaled-linear.ts';
import { sigmoidContribution } from './sigmoid.ts';
import { trainedBetasContribution } from './trained-betas.ts';

// The noise schedules: forward processes from data to noise, one file each.

export { type BetaRangeOptions, type DiscreteOptions } from './beta-settings.ts';
export { type ContinuousCosineOptions, createContinuousCosineSchedule } from './continuous-cosine.ts';
export { type CosineOptions, createCosineSchedule } from './cosine.ts';
export { createEdmSchedule, type EdmOptions } from './edm.ts';
export { type EdmSigmaRange, edmSigmaOfTime, edmTimeOfSigma } from './edm-sigma.ts';
export { createExpSchedule, type ExpOptions } from './exp.ts';
export { createFlowMatchingSchedule, type FlowMatchingOptions, type FlowTime } from './flow-matching.ts';
export { createLaplaceSchedule, type LaplaceOptions } from './laplace.ts';
export { createLinearSchedule, type LinearOptions } from './linear.ts';
export { createScaledLinearSchedule, type ScaledLinearOptions } from './scaled-linear.ts';
export { createSigmoidSchedule, type SigmoidOptions } from './sigmoid.ts';
export { createTrainedBetasSchedule, type TrainedBetasOptions } from './trained-betas.ts';

const contributions = [
  cosineContribution,
  linearContribution,
  scaledLinearContribution,
  sigmoidContribution,
  laplaceContribution,
  expContribution,
  trainedBetasContribution,
  continuousCosineContribution,
  flowMatchingContribution,
  edmContribution,
];

/**
 * The plugin of the noise schedules alone; `diffusion` of `@transfuse/plugins` has them together with the samplers. Use
 * one or the other: a host refuses the same contribution twice.
 */
export const schedules: Plugin = {
  manifest: {
    name: '@transfuse/plugins/schedules',
    version: '0.0.0',
    api: '^1.0.0',
    provides: contributions.map(({ kind, name }) => `${kind}:${name}`),
  },
  contributions,
};
