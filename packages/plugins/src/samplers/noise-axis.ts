import type { NoiseLevel, NoiseSchedule, PlannedEvaluation } from '@transfuse/core/contracts';

// The axis on which samplers measure noise. Samplers think in one number, sigma; schedules in times and in pairs
// (alpha, sigma). How the two belong together is a property of the schedule's path:
//   variance-preserving  sigma = sigma / alpha of the pair, 0 to infinity (Karras et al. 2022); alpha = 1 / sqrt(1 + sigma²)
//   straight             sigma is the time itself, 0 to 1; alpha = 1 - sigma (flow matching)
//   other                sigma / alpha again, found in time by bisection
// Discrete schedules are read as a table over their timesteps, and between two timesteps as diffusers reads them: sigma
// linearly in the timestep, the timestep linearly in log sigma.

/** How a schedule's alpha and sigma belong together. */
export type NoisePath = 'variance-preserving' | 'straight' | 'other';

/** A schedule, measured in sigma. */
export interface NoiseAxis {
  readonly path: NoisePath;
  /** Timesteps of a discrete schedule; 1000 for a continuous one, by which its times are counted. */
  readonly timesteps: number;
  /** Sigma of every timestep of a discrete schedule, rising, `[timesteps]`; undefined for a continuous one. */
  readonly table: Float64Array | undefined;
  /** Sigma at a timestep, whole or between two. */
  sigmaAt(timestep: number): number;
  /** The timestep at a sigma, mostly between two; outside the table its nearer end. */
  timestepOf(sigma: number): number;
  /** The noise level at a sigma; sigma 0 is clean. */
  levelOf(sigma: number): NoiseLevel;
  /** An evaluation at a sigma; its timestep is looked up unless it is given. */
  evaluation(sigma: number, timestep?: number): PlannedEvaluation;
}

/** The sigma that stands for pure noise where alpha is 0: that of alpha² = 2^-24, as diffusers replaces it. */
const largestSigma = Math.sqrt((1 - 2 ** -24) / 2 ** -24);

/** Reads a schedule as an axis. */
export function noiseAxis(schedule: NoiseSchedule): NoiseAxis {
  const path = noisePath(schedule);
  const timesteps = schedule.timesteps ?? 1000;
  const ratioAt = (time: number): number => {
    const { alpha, sigma } = schedule.at(time);
    return alpha === 0 ? largestSigma : sigma / alpha;
  };
  const continuousSigma = path === 'straight' ? (time: number) => time : ratioAt;
  const table =
    schedule.timesteps === undefined
      ? undefined
      : Float64Array.from({ length: timesteps }, (_, n) => continuousSigma(n / timesteps));
  const sigmaAt = (timestep: number) =>
    table === undefined ? continuousSigma(timestep / timesteps) : interpolate(table, timestep);
  const timestepOf = (sigma: number) => {
    if (table !== undefined) return timestepInTable(table, sigma);
    return timesteps * (path === 'straight' ? sigma : bisect(ratioAt, sigma));
  };
  const turn = schedule.at(0.5).velocity.noise < 0 ? -1 : 1; // some schedules count the velocity from noise to data
  const levelOf = (sigma: number): NoiseLevel => {
    if (path === 'straight') return { alpha: 1 - sigma, sigma, velocity: { clean: -turn, noise: turn } };
    if (path === 'other') return levelByTime(schedule, ratioAt, sigma);
    const alpha = 1 / Math.sqrt(1 + sigma * sigma);
    return { alpha, sigma: sigma * alpha, velocity: { clean: -turn * sigma * alpha, noise: turn * alpha } };
  };
  return {
    path,
    timesteps,
    table,
    sigmaAt,
    timestepOf,
    levelOf,
    evaluation: (sigma, timestep = timestepOf(sigma)) => ({ time: timestep / timesteps, level: levelOf(sigma) }),
  };
}

/** Tells by its numbers which path a schedule follows. */
export function noisePath(schedule: NoiseSchedule): NoisePath {
  const levels = [0.1, 0.3, 0.5, 0.7, 0.9].map((time) => schedule.at(time));
  const near = (value: number) => Math.abs(value - 1) < 1e-5;
  if (levels.every(({ alpha, sigma }) => near(alpha * alpha + sigma * sigma))) return 'variance-preserving';
  if (levels.every(({ alpha, sigma }) => near(alpha + sigma))) return 'straight';
  return 'other';
}

/** Below every sigma a schedule reaches, only the clean end itself is left: alpha 1 for data of the latent's scale. */
function levelByTime(schedule: NoiseSchedule, ratioAt: (time: number) => number, sigma: number): NoiseLevel {
  if (sigma === 0) return { alpha: 1, sigma: 0, velocity: { clean: 0, noise: 1 } };
  return schedule.at(bisect(ratioAt, sigma));
}

function interpolate(table: Float64Array, timestep: number): number {
  const low = Math.min(table.length - 1, Math.max(0, Math.floor(timestep)));
  const high = Math.min(table.length - 1, low + 1);
  const part = Math.min(1, Math.max(0, timestep - low));
  return (1 - part) * (table[low] as number) + part * (table[high] as number);
}

function timestepInTable(table: Float64Array, sigma: number): number {
  const wanted = Math.log(Math.max(sigma, 1e-10));
  let low = 0;
  for (let high = table.length - 2; low < high;) {
    const middle = Math.ceil((low + high) / 2);
    if (Math.log(table[middle] as number) <= wanted) low = middle;
    else high = middle - 1;
  }
  if (table.length < 2) return 0;
  const [below, above] = [Math.log(table[low] as number), Math.log(table[low + 1] as number)];
  return low + Math.min(1, Math.max(0, (wanted - below) / (above - below)));
}

/** The time in [0, 1] at which a rising function has a value. */
function bisect(rising: (time: number) => number, value: number): number {
  let [low, high] = [0, 1];
  for (let round = 0; round < 60; round += 1) {
    const middle = (low + high) / 2;
    if (rising(middle) < value) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
