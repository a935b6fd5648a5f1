import type { Plugin } from '@transfuse/core/contracts';
import { ddimContribution } from './timestep/ddim.ts';
import { ddpmContribution } from './timestep/ddpm.ts';
import { deisContribution } from './log-snr/deis.ts';
import { dpmSdeContribution } from './sigma/dpm-sde.ts';
import { dpmSolverSinglestepContribution } from './log-snr/dpm-solver-singlestep.ts';
import { dpmSolverContribution } from './log-snr/dpm-solver.ts';
import { edmDpmSolverContribution } from './edm/edm-dpm-solver.ts';
import { edmEulerContribution } from './edm/edm-euler.ts';
import { eulerAncestralContribution } from './sigma/euler-ancestral.ts';
import { eulerContribution } from './sigma/euler.ts';
import { flowEulerContribution } from './flow/flow-euler.ts';
import { flowHeunContribution } from './flow/flow-heun.ts';
import { flowLcmContribution } from './flow/flow-lcm.ts';
import { heunContribution } from './sigma/heun.ts';
import { kdpm2AncestralContribution } from './sigma/kdpm2-ancestral.ts';
import { kdpm2Contribution } from './sigma/kdpm2.ts';
import { lcmContribution } from './timestep/lcm.ts';
import { lmsContribution } from './sigma/lms.ts';
import { midpointContribution } from './flow/midpoint.ts';
import { pndmContribution } from './timestep/pndm.ts';
import { saSolverContribution } from './log-snr/sa-solver.ts';
import { tcdContribution } from './timestep/tcd.ts';
import { uniPcContribution } from './log-snr/unipc.ts';

// The samplers: ways of going from noise to data, one file each.

export { createDdimSampler, type DdimOptions } from './timestep/ddim.ts';
export { createDdpmSampler, type DdpmOptions } from './timestep/ddpm.ts';
export { createDeisSampler, type DeisOptions } from './log-snr/deis.ts';
export { createDpmSdeSampler, type DpmSdeOptions } from './sigma/dpm-sde.ts';
export { createDpmSolverSampler, type DpmSolverOptions } from './log-snr/dpm-solver.ts';
export { createDpmSolverSinglestepSampler, type DpmSolverSinglestepOptions } from './log-snr/dpm-solver-singlestep.ts';
export { createEdmDpmSolverSampler, type EdmDpmSolverOptions } from './edm/edm-dpm-solver.ts';
export { createEdmEulerSampler, type EdmEulerOptions } from './edm/edm-euler.ts';
export { createEulerAncestralSampler, type EulerAncestralOptions } from './sigma/euler-ancestral.ts';
export { createEulerSampler, type EulerOptions } from './sigma/euler.ts';
export { createFlowEulerSampler, type FlowEulerOptions } from './flow/flow-euler.ts';
export { createFlowHeunSampler, type FlowHeunOptions } from './flow/flow-heun.ts';
export { createFlowLcmSampler, type FlowLcmOptions } from './flow/flow-lcm.ts';
export { createHeunSampler, type HeunOptions } from './sigma/heun.ts';
export { createKdpm2AncestralSampler, type Kdpm2AncestralOptions } from './sigma/kdpm2-ancestral.ts';
export { createKdpm2Sampler, type Kdpm2Options } from './sigma/kdpm2.ts';
export { createLcmSampler, type LcmOptions } from './timestep/lcm.ts';
export { createLmsSampler, type LmsOptions } from './sigma/lms.ts';
export { createMidpointSampler, type MidpointOptions } from './flow/midpoint.ts';
export { createPndmSampler, type PndmOptions } from './timestep/pndm.ts';
export { createSaSolverSampler, type SaSolverOptions } from './log-snr/sa-solver.ts';
export { createTcdSampler, type TcdOptions } from './timestep/tcd.ts';
export { createUniPcSampler, type UniPcOptions } from './log-snr/unipc.ts';
export type { CleanLimitOptions } from './clean-limit.ts';
export type { FreshPart } from './flow/flow-run.ts';
export type { DpmAlgorithm } from './log-snr/dpm-integrals.ts';
export type { KnownPrediction } from './log-snr/noise-estimate.ts';
export type { UniPcVariant } from './log-snr/unipc-weights.ts';
export type { LadderOptions, LadderSpacing } from './sigma/ladder-settings.ts';
export type { SigmaSpacing } from './sigma-spacing.ts';
export type { PndmWarmUp } from './timestep/pndm-plan.ts';
export type { RunEnd } from './timestep/run-end.ts';
export type { Spacing } from './time-spacing.ts';

const contributions = [
  ddpmContribution,
  ddimContribution,
  pndmContribution,
  lcmContribution,
  tcdContribution,
  eulerContribution,
  eulerAncestralContribution,
  heunContribution,
  kdpm2Contribution,
  kdpm2AncestralContribution,
  lmsContribution,
  dpmSdeContribution,
  dpmSolverContribution,
  dpmSolverSinglestepContribution,
  deisContribution,
  uniPcContribution,
  saSolverContribution,
  flowEulerContribution,
  flowHeunContribution,
  flowLcmContribution,
  midpointContribution,
  edmEulerContribution,
  edmDpmSolverContribution,
];

/**
 * The plugin of the samplers alone; `diffusion` of `@transfuse/plugins` has them together with everything diffusion needs.
 * Use one or the other: a host refuses the same contribution twice.
 */
export const samplers: Plugin = {
  manifest: {
    name: '@transfuse/plugins/samplers',
    version: '0.0.0',
    api: '^1.0.0',
    provides: contributions.map(({ name }) => `sampler:${name}`),
  },
  contributions,
};
