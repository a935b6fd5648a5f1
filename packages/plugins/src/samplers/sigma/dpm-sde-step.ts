import { ancestralSplit } from './ancestral-split.ts';
import type { SigmaSpace } from './sigma-space.ts';

// The weights of one step of the stochastic DPM-Solver++ (Lu et al. 2022, arXiv 2211.01095, in the form of Crowson's
// k-diffusion). Both stages begin at the step's first sigma: the first goes to the geometric mean of the step's ends, the
// second, with the clean estimate found there, to its last. Each is an ancestral step in which the clean estimate is held,
//   next = down / from * latent + (1 - down / from) * clean + up * noise,
// and their noise is one Brownian path over sigma, so the second stage's is made of the first's and of a fresh rest.

/** What one stage sums up, in the space of sigma. */
interface StageWeights {
  /** Weight of the latent that the step began with. */
  readonly latent: number;
  readonly clean: number;
  /** Weight of the unit noise that the first stage drew. */
  readonly path: number;
  /** Weight of unit noise drawn for the second stage. */
  readonly rest: number;
}

/** A step of two stages. */
export interface SdeStep {
  /** The sigma of the second evaluation. */
  readonly middle: number;
  readonly first: StageWeights;
  readonly second: StageWeights;
}

/** What a step is made of. */
export interface SdeStepPlan {
  readonly from: number;
  /** Above 0: a step to clean data has one stage, an Euler step. */
  readonly to: number;
  /** What noise is multiplied by. */
  readonly noise: number;
  readonly round: (value: number) => number;
}

/** Plans a step; rounded in the order in which diffusers rounds, which takes every sigma from its logarithm. */
export function sdeStep(space: SigmaSpace, plan: SdeStepPlan): SdeStep {
  const { round } = plan;
  const sigmaOf = (time: number) => round(Math.exp(-time));
  const timeOf = (sigma: number) => -round(Math.log(sigma));
  const [start, end] = [timeOf(plan.from), timeOf(plan.to)];
  const [from, to] = [sigmaOf(start), sigmaOf(end)];
  const middle = sigmaOf(round(start + round(round(end - start) * 0.5)));
  const stage = (next: number): Omit<StageWeights, 'rest'> => {
    const { down, kept, up } = ancestralSplit(space, from, next, round);
    const below = timeOf(down);
    return {
      latent: kept * round(sigmaOf(below) / from),
      clean: -kept * round(Math.expm1(round(start - below))),
      path: up * plan.noise,
    };
  };
  const [first, second] = [stage(middle), stage(to)];
  const share = from === to ? 1 : Math.min(1, Math.max(0, (from - middle) / (from - to))); // of the path, done in the first
  return {
    middle,
    first: { ...first, rest: 0 },
    second: { ...second, path: second.path * Math.sqrt(share), rest: second.path * Math.sqrt(1 - share) },
  };
}
