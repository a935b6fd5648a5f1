import type { Plugin } from '@transfuse/core/contracts';
import { ddimContribution } from './ddim.ts';
import { ddpmContribution } from './ddpm.ts';
import { deisContribution } from './deis.ts';
import { dpmSdeContribution } from './dpm-sde.ts';
import { dpmSolverSinglestepContribution } from './dpm-solver-singlestep.ts';
import { dpmSolverContribution } from './dpm-solver.ts';
import { edmDpmSolverContribution } from './edm-dpm-solver.ts';
import { edmEulerContribution } from './edm-euler.ts';
import { eulerAncestralContribution } from './euler-ancestral.ts';
import { eulerContribution } from './euler.ts';
import { flowEulerContribution } from './flow-euler.ts';
import { flowHeunContribution } from './flow-heun.ts';
import { flowLcmContribution } from './flow-lcm.ts';
import { heunContribution } from './heun.ts';
import { kdpm2AncestralContribution } from './kdpm2-ancestral.ts';
import { kdpm2Contribution } from './kdpm2.ts';
import { lcmContribution } from './lcm.ts';
import { lmsContribution } from './lms.ts';
import { midpointContribution } from './midpoint.ts';
import { pndmContribution } from './pndm.ts';
import { saSolverContribution } from './sa-solver.ts';
import { tcdContribution } from './tcd.ts';
import { uniPcContribution } from './unipc.ts';

// The samplers: ways of going from noise to data, one file each.

export { createDdimSampler, type DdimOptions } from './ddim.ts';
export { createDdpmSampler, type DdpmOptions } from './ddpm.ts';
export { createDeisSampler, type DeisOptions } from './deis.ts';
export { createDpmSdeSampler, type DpmSdeOptions } from './dpm-sde.ts';
export { createDpmSolverSampler, type DpmSolverOptions } from './dpm-solver.ts';
export { createDpmSolverSinglestepSampler, type DpmSolverSinglestepOptions } from './dpm-solver-singlestep.ts';
export { createEdmDpmSolverSampler, type EdmDpmSolverOptions } from './edm-dpm-solver.ts';
export { createEdmEulerSampler, type EdmEulerOptions } from './edm-euler.ts';
export { createEulerAncestralSampler, type EulerAncestralOptions } from './euler-ancestral.ts';
export { createEulerSampler, type EulerOptions } from './euler.ts';
export { createFlowEulerSampler, type FlowEulerOptions } from './flow-euler.ts';
export { createFlowHeunSampler, type FlowHeunOptions } from './flow-heun.ts';
export { createFlowLcmSampler, type FlowLcmOptions } from './flow-lcm.ts';
export { createHeunSampler, type HeunOptions } from './heun.ts';
export { createKdpm2AncestralSampler, type Kdpm2AncestralOptions } from './kdpm2-ancestral.ts';
export { createKdpm2Sampler, type Kdpm2Options } from './kdpm2.ts';
export { createLcmSampler, type LcmOptions } from './lcm.ts';
export { createLmsSampler, type LmsOptions } from './lms.ts';
export { createMidpointSampler, type MidpointOptions } from './midpoint.ts';
export { createPndmSampler, type PndmOptions } from './pndm.ts';
export { createSaSolverSampler, type SaSolverOptions } from './sa-solver.ts';
export { createTcdSampler, type TcdOptions } from './tcd.ts';
export { createUniPcSampler, type UniPcOptions } from './unipc.ts';

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
