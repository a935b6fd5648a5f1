import type { NoiseLevel, NoiseSchedule, SamplingRequest, SamplingRun } from '@transfuse/core/contracts';
import { planFlow } from './flow-plan.ts';
import type { FlowSpacing } from './flow-spacing.ts';
import { leastShare, shareMeasure } from '../noise-measure.ts';
import { createSamplingRun } from '../sampling-run.ts';
import { mixed, moved } from './straight-path.ts';

// A run of one evaluation a step over shares of noise, for the samplers `flow-euler` and `flow-lcm`. A step moves the
// latent along the velocity to the next share, or lays one of the two estimates together with fresh normal numbers.

/** What a step draws anew: nothing, the noise that is mixed with the clean estimate, or the clean latent. */
export type FreshPart = 'none' | 'noise' | 'clean';

type Pair = Pick<NoiseLevel, 'alpha' | 'sigma'>;

/** Plans the run of the sampler so named; throws `schedule.invalid`. */
export function flowRun(
  sampler: string,
  settings: { readonly spacing: FlowSpacing; readonly fresh: FreshPart },
  schedule: NoiseSchedule,
  request: SamplingRequest,
): SamplingRun {
  const { spacing, fresh } = settings;
  const measure = shareMeasure(schedule);
  const range = { largest: measure.largest, smallest: leastShare(schedule, spacing.timesteps) };
  const { shares: planned, times } = planFlow(sampler, spacing, request, range);
  const shares = planned.map((share) => measure.within(share));
  const evaluations = shares.slice(0, -1).map((share, i) => measure.evaluation(share, times?.[i]));
  const levels: readonly Pair[] = [...evaluations.map(({ level }) => level), { alpha: 1, sigma: 0 }];
  return createSamplingRun({
    sampler,
    evaluations,
    ...(measure.straight && { startScale: 1 }),
    advance(index, { latent }, estimate, noise) {
      const [from, to] = [levels[index] as Pair, levels[index + 1] as Pair];
      if (fresh === 'noise') return { latent: mixed(to, estimate.clean, to.sigma === 0 ? estimate.noise : noise()) };
      if (fresh === 'clean') return { latent: mixed(to, noise(), estimate.noise) };
      const scale = to.alpha + to.sigma;
      const change = scale * ((shares[index + 1] as number) - (shares[index] as number));
      return { latent: moved(latent, estimate, { keep: scale / (from.alpha + from.sigma), change }) };
    },
  });
}
