import type { SigmaPoint } from './sigma-run.ts';
import type { PredictionType } from '@transfuse/core/contracts';
import { cleanOfNoise } from './held-clean.ts';
import { churnedLevel, type NoiseChurn } from '../noise-churn.ts';
import type { SigmaSpace } from './sigma-space.ts';
import { noised } from './sigma-step.ts';

// Churn before an Euler step (Karras et al. 2022, algorithm 2): fresh noise raises sigma to a higher one, from which the
// step goes down. As in diffusers the network has been asked before the noise was added, so something of its answer must
// be held while the latent moves, and that is what it predicts. Over a straight path, where noise also takes the place of
// signal, it is the clean estimate.

/** Where an Euler step starts from. */
export interface RaisedPoint {
  readonly u: Float32Array;
  readonly clean: Float32Array;
  readonly sigma: number;
}

/** Raises a point at a sigma, in a run of so many sigmas below the first; the same point where no noise is due. */
export function raisedPoint(
  space: SigmaSpace,
  point: SigmaPoint,
  at: { readonly sigma: number; readonly count: number; readonly prediction: PredictionType },
  churn: NoiseChurn,
): RaisedPoint {
  const { u, clean } = point;
  const { sigma, draws, add } = churnedLevel(churn, at.sigma, at.count);
  if (!draws || (space.straight && at.sigma >= 1)) return { u, clean, sigma: at.sigma };
  const fresh = point.noise();
  if (space.straight) {
    const raised = Math.min(1, sigma);
    const kept = (1 - raised) / (1 - at.sigma);
    const deviation = Math.sqrt(Math.max(0, raised ** 2 - (kept * at.sigma) ** 2));
    return { u: noised(u, fresh, { kept, factor: churn.churnNoise, deviation }), clean, sigma: raised };
  }
  const lifted = u.map((value, i) => add(value, fresh[i]!));
  if (at.prediction === 'epsilon')
    return { u: lifted, clean: cleanOfNoise(lifted, sigma, point.estimate.noise), sigma };
  if (at.prediction === 'sample') return { u: lifted, clean, sigma };
  const spread = at.sigma * at.sigma + 1;
  return { u: lifted, clean: clean.map((value, i) => value + (lifted[i]! - u[i]!) / spread), sigma };
}
