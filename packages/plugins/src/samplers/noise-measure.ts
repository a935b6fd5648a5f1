import type { NoiseSchedule, PlannedEvaluation } from '@transfuse/core/contracts';
import { noiseAxis } from './noise-axis.ts';

// Two ways of measuring noise that do not depend on the schedule's path, beside the axis's own. The ratio sigma / alpha,
// 0 to infinity, is the sigma of EDM (Karras et al. 2022): a latent divided by alpha is clean data plus that much noise.
// The share sigma / (alpha + sigma), 0 to 1, is the time of a straight path: a latent divided by alpha + sigma lies on
// the line between clean data and noise (flow matching). Samplers that think in one of them run over any schedule.

/** A schedule, measured in one of the two ways. */
export interface NoiseMeasure {
  /** Whether noise is mixed in along a straight path, where the share is the time itself. */
  readonly straight: boolean;
  /** The measure at time 1, or at the last timestep; of a straight path's ratio, infinity. */
  readonly largest: number;
  /** The measure at time 0. */
  readonly smallest: number;
  /** A share that the path reaches: of a path that is not straight the largest at most. A ratio stays as it is. */
  within(measure: number): number;
  /** The evaluation at which a latent has this measure. `time` is what the network is told, looked up unless given. */
  evaluation(measure: number, time?: number): PlannedEvaluation;
}

/** The measure of noise as sigma / alpha. */
export function ratioMeasure(schedule: NoiseSchedule): NoiseMeasure {
  const axis = noiseAxis(schedule);
  const straight = axis.path === 'straight';
  const ofAxis = (sigma: number) => (straight ? sigma / (1 - sigma) : sigma);
  return {
    straight,
    largest: ofAxis(axis.sigmaAt(lastTimestep(schedule))),
    smallest: ofAxis(axis.sigmaAt(0)),
    within: (ratio) => ratio,
    evaluation: (ratio, time) => timed(axis.evaluation(straight ? ratio / (1 + ratio) : ratio), time),
  };
}

/** The measure of noise as sigma / (alpha + sigma). */
export function shareMeasure(schedule: NoiseSchedule): NoiseMeasure {
  const axis = noiseAxis(schedule);
  const straight = axis.path === 'straight';
  const ofAxis = (sigma: number) => (straight ? sigma : sigma / (1 + sigma));
  const largest = ofAxis(axis.sigmaAt(lastTimestep(schedule)));
  return {
    straight,
    largest,
    smallest: ofAxis(axis.sigmaAt(0)),
    within: (share) => (straight ? share : Math.min(share, largest)),
    evaluation(share, time) {
      if (straight) return timed(axis.evaluation(share), time);
      return timed(axis.evaluation(share / (1 - share)), time);
    },
  };
}

/**
 * The share of noise at which a run's last evaluation is planned: that of one timestep, where continuous time is counted
 * as so many; of a discrete schedule the least above 0.
 */
export function leastShare(schedule: NoiseSchedule, timesteps: number): number {
  const [first, step] = schedule.timesteps === undefined ? [1 / timesteps, 0] : [0, 1 / schedule.timesteps];
  const { alpha, sigma } = schedule.at(first).sigma > 0 ? schedule.at(first) : schedule.at(step);
  return sigma / (alpha + sigma);
}

const lastTimestep = ({ timesteps }: NoiseSchedule) => (timesteps === undefined ? 1000 : timesteps - 1);

const timed = (evaluation: PlannedEvaluation, time: number | undefined): PlannedEvaluation =>
  time === undefined ? evaluation : { time, level: evaluation.level };
