import type { DpmIntegrals } from './dpm-integrals.ts';
import type { EstimateSlopes } from './estimate-slopes.ts';
import type { Term } from '../multistep-sum.ts';

/** The terms of a step of DPM-Solver: the latent it begins with, the estimate there, and how that changes. */
export function dpmTerms(
  solver: 'midpoint' | 'heun',
  { latent, value, middle, slope, curvature }: DpmIntegrals,
  start: Float32Array,
  estimate: Float32Array,
  slopes: EstimateSlopes | undefined,
): Term[] {
  const terms: Term[] = [
    [latent, start],
    [value, estimate],
  ];
  if (slopes === undefined) return terms;
  if (slopes.curvature !== undefined) return [...terms, [slope, slopes.slope], [curvature, slopes.curvature]];
  return [...terms, [solver === 'midpoint' ? middle : slope, slopes.slope]];
}
