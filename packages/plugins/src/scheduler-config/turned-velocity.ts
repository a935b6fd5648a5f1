import type { NoiseSchedule } from '@transfuse/core/contracts';

// A schedule whose velocity points the other way, from noise to data: for files whose networks predict the negative of
// what the schedule calls its velocity (flow matching with inverted sigmas, EDM's `v_prediction`).

/** The same schedule with the velocity negated. Its configuration says so, in a field that no schedule of ours takes. */
export function turnedVelocity(schedule: NoiseSchedule): NoiseSchedule {
  return {
    ...schedule,
    config: Object.freeze({ ...schedule.config, velocity: 'turned' }),
    at(time) {
      const { alpha, sigma, velocity } = schedule.at(time);
      return { alpha, sigma, velocity: { clean: -velocity.clean, noise: -velocity.noise } };
    },
  };
}
