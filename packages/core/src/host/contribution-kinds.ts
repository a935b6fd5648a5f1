// The kinds of contributions as a list that exists at run time; the compiler keeps it equal to the contract's type.
import type { ContributionKind } from '../contracts/plugin.ts';

const kinds: Readonly<Record<ContributionKind, true>> = {
  'discrete-adapter': true,
  'continuous-adapter': true,
  'noise-schedule': true,
  'loss-weighting': true,
  sampler: true,
  guider: true,
  'step-cache': true,
  dataset: true,
  engine: true,
};

/** Every kind of contribution, in a fixed order. */
export const contributionKinds = Object.keys(kinds) as readonly ContributionKind[];
