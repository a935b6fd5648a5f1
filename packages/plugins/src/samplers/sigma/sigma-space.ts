import type { PlannedEvaluation } from '@transfuse/core/contracts';
import type { NoiseAxis } from '../noise-axis.ts';

// The space in which samplers of Karras et al. 2022 (arXiv 2206.00364, algorithms 1 and 2) take their steps. The latent
// that the network sees is multiplied by a divisor so that the probability-flow ODE becomes du/dsigma = (u - clean) / sigma:
//   noise that is added to data (every path but the straight one)  u = latent / alpha = clean + sigma * noise
//   straight paths (flow matching)                                 u = latent itself

/** The space of one run. */
export interface SigmaSpace {
  readonly axis: NoiseAxis;
  /** Whether u is the latent itself. */
  readonly straight: boolean;
  /** Whether sigmas come from a table, for which diffusers computes in float32. */
  readonly tabled: boolean;
  /** What u is divided by to be the latent that the network sees at a sigma. */
  divisor(sigma: number): number;
  /** An evaluation at a sigma; its time is looked up unless it is given. */
  evaluation(sigma: number, time?: number): PlannedEvaluation;
}

/** The space in which a schedule's axis is climbed down. */
export function sigmaSpace(axis: NoiseAxis): SigmaSpace {
  const straight = axis.path === 'straight';
  const tabled = axis.path === 'variance-preserving' && axis.table !== undefined;
  const { fround, sqrt } = Math;
  return {
    axis,
    straight,
    tabled,
    divisor(sigma) {
      if (straight) return 1;
      return tabled ? fround(sqrt(fround(fround(sigma * sigma) + 1))) : 1 / axis.levelOf(sigma).alpha;
    },
    evaluation: (sigma, time = axis.timestepOf(sigma) / axis.timesteps) => ({ time, level: axis.levelOf(sigma) }),
  };
}
