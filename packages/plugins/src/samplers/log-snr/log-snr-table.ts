import type { NoiseSchedule } from '@transfuse/core/contracts';
import { float32Logarithm } from './float32-logarithm.ts';
import { float32SquareRoot } from './float32-square-root.ts';
import { type NoisePath } from '../noise-axis.ts';

// The noise levels of a schedule's timesteps as a table in float32, rounded where diffusers rounds its own, and the
// search in it: which timestep belongs to a noise level. Continuous schedules are read at a thousand timesteps.

/** A schedule's timesteps. */
export interface LogSnrTable {
  /** sigma / alpha, rising, `[T]`. */
  readonly sigmas: Float32Array;
  /** The float32 logarithms of `sigmas`, `[T]`. */
  readonly logs: Float32Array;
  /** log(alpha / sigma), falling, `[T]`. */
  readonly lambdas: Float32Array;
}

const { fround } = Math;
const leastSignal = 2 ** -24; // stands for a timestep without any signal

/** Reads a schedule's table. */
export function logSnrTable(schedule: NoiseSchedule, path: NoisePath): LogSnrTable {
  const timesteps = schedule.timesteps ?? 1000;
  const [sigmas, lambdas] = [new Float32Array(timesteps), new Float32Array(timesteps)];
  for (let n = 0; n < timesteps; n += 1) {
    const { alpha, sigma } = schedule.at(n / timesteps);
    if (path === 'variance-preserving') {
      const signal = fround(alpha * alpha) || leastSignal; // the very entry of a float32 table of remaining signal
      const noise = fround(1 - signal);
      sigmas[n] = float32SquareRoot(fround(noise / signal));
      lambdas[n] = fround(Math.log(float32SquareRoot(signal))) - fround(Math.log(float32SquareRoot(noise)));
    } else {
      sigmas[n] = sigma / Math.max(alpha, 2 ** -12);
      lambdas[n] = -Math.log(sigmas[n]!);
    }
  }
  return { sigmas, logs: sigmas.map(float32Logarithm), lambdas };
}

/** The sigma at a whole timestep; beyond the table that of its nearer end. */
export function sigmaOfTimestep({ sigmas }: LogSnrTable, timestep: number): number {
  return sigmas[Math.min(sigmas.length - 1, Math.max(0, timestep))] as number;
}

/** The timestep at a sigma, linear in log sigma, mostly between two; outside the table its nearer end. */
export function timestepOfSigma({ logs }: LogSnrTable, sigma: number): number {
  const wanted = Math.log(Math.max(sigma, 1e-10));
  if (logs.length < 2) return 0;
  // The last entry that is not above it: a table with zero terminal SNR falls once more at its end.
  let low = logs.length - 1;
  while (low > 0 && !(logs[low]! <= wanted)) low -= 1;
  low = Math.min(low, logs.length - 2);
  const [below, above] = [logs[low]!, logs[low + 1]!];
  const part = (below - wanted) / fround(below - above);
  const within = Number.isNaN(part) ? 1 : Math.min(1, Math.max(0, part));
  return (1 - within) * low + within * (low + 1);
}

/** How many of the noisiest timesteps have a lambda below a number. */
export function timestepsBelow({ lambdas }: LogSnrTable, minimum: number): number {
  const least = fround(minimum);
  let count = 0;
  while (count < lambdas.length && lambdas[lambdas.length - 1 - count]! < least) count += 1;
  return count;
}
