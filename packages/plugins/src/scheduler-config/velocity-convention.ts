import type { NoiseLevel } from '@transfuse/core/contracts';
import type { BuiltScheduler } from './scheduler-class.ts';

// What a network means by velocity where it is not the schedule's own: combinations of that library's prediction types
// and paths that it converts by formulas of another path. A velocity is a mixture of clean and noise, so any linear
// conversion to a clean estimate (or to noise) is one, if not always a sensible one:
//   flow_prediction of a variance-preserving schedule   clean = latent - sigma / alpha * output
//   the same where DEIS makes noise of it               noise = (latent - alpha * clean) / (sigma / alpha)
//   v_prediction of a straight path                     clean = alpha * latent - sigma * output
//   the same where the noise is integrated              noise = alpha * output + sigma * latent
// Each mixture below is the one whose estimates, at that level, are these.

/** A mixture for every noise level. */
export type VelocityConvention = (level: NoiseLevel) => NoiseLevel['velocity'];

/** `flow_prediction` of a variance-preserving schedule. */
export const flowVelocityOfVariancePreserving: VelocityConvention = ({ alpha, sigma }) => ({
  clean: (alpha * alpha - alpha) / sigma,
  noise: alpha,
});

/** `flow_prediction` of a variance-preserving schedule, as DEIS makes noise of it. */
export const flowNoiseOfVariancePreserving: VelocityConvention = ({ alpha, sigma }) => {
  const share = (1 - alpha) * alpha;
  return { clean: -share / sigma, noise: (1 - share) / alpha };
};

/** `v_prediction` of a straight path, where the clean estimate is used. */
export const turnedVelocityOfStraight: VelocityConvention = ({ alpha, sigma }) => ({ clean: sigma - 2, noise: alpha });

/** `v_prediction` of a straight path, where the noise estimate is used. */
export const turnedNoiseOfStraight: VelocityConvention = ({ sigma }) => ({ clean: -sigma, noise: 1 + sigma });

/** The same schedule and sampler, with velocities after a convention; the schedule's configuration names it. */
export function withVelocity(built: BuiltScheduler, name: string, convention: VelocityConvention): BuiltScheduler {
  const { schedule, sampler } = built;
  const converted = (level: NoiseLevel): NoiseLevel => ({ ...level, velocity: convention(level) });
  return {
    ...built,
    schedule: {
      ...schedule,
      config: Object.freeze({ ...schedule.config, velocity: name }),
      at: (time) => converted(schedule.at(time)),
    },
    sampler: {
      ...sampler,
      begin(over, request) {
        const run = sampler.begin(over, request);
        return { ...run, evaluations: run.evaluations.map(({ time, level }) => ({ time, level: converted(level) })) };
      },
    },
  };
}
