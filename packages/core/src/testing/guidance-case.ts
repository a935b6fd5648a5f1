/** Made-up moments of a denoising run for guiders: latents and outputs of every branch, along a whole run. */
import type { Branch, Guider, GuidanceInput, GuidanceResult } from '../contracts/guider.ts';
import type { PredictionType } from '../contracts/noise-schedule.ts';
import { createRandom } from '../random/seeded-random.ts';
import { discreteCircleSchedule } from './reference-schedules.ts';

/** Every branch a guider may ask for; the conditional one is always there. */
export const knownBranches: readonly Branch[] = ['without-text', 'without-blocks', 'unconditional', 'weak'];

/** How many evaluations a made-up run has. */
export const evaluations = 5;

const shapes: readonly (readonly number[])[] = [
  [4, 4, 3],
  [6, 2],
];

/** What a guider is tried on. */
export interface GuidanceCase {
  readonly prediction: PredictionType;
  readonly latentShape: readonly number[];
  /** For sentences. */
  readonly where: string;
}

/** Every prediction with every shape. */
export function guidanceCases(predictions: readonly PredictionType[]): readonly GuidanceCase[] {
  return predictions.flatMap((prediction) =>
    shapes.map((latentShape) => ({
      prediction,
      latentShape,
      where: `With ${prediction} prediction of a latent [${latentShape.join(', ')}],`,
    })),
  );
}

/**
 * The input of an evaluation. `branches` says whether branches differ or all say what the conditional one does; `guided`
 * whether the guider is the first of its chain.
 */
export function guidanceInput(
  guider: Guider,
  { prediction, latentShape }: GuidanceCase,
  moment: {
    readonly index: number;
    readonly memory?: readonly Float32Array[];
    readonly branches?: 'differ' | 'agree';
    readonly guided?: 'first' | 'later';
  },
): GuidanceInput {
  const { index, memory = [], branches = 'differ', guided = 'first' } = moment;
  const size = latentShape.reduce((product, dimension) => product * dimension, 1);
  const random = createRandom(`guidance/${index}`);
  const numbers = () => random.fillNormal(new Float32Array(size));
  const [latent, conditional] = [numbers(), numbers()];
  const others = guider.branches.map((branch) => {
    const own = numbers();
    return [branch, branches === 'agree' ? conditional.slice() : own.map((x, i) => 0.7 * conditional[i]! + 0.3 * x)];
  });
  const time = 0.95 - (0.9 * index) / (evaluations - 1);
  return {
    moment: { index, of: evaluations, time, level: discreteCircleSchedule.at(time) },
    latent,
    latentShape,
    prediction,
    outputs: { ...(Object.fromEntries(others) as Record<string, Float32Array>), conditional },
    guided: guided === 'first' ? conditional.slice() : conditional.map((x) => 1.5 * x + 0.1),
    memory,
  };
}

/** Guides through a whole run; `keep` may store the memory on the way. */
export function guideThrough(
  guider: Guider,
  one: GuidanceCase,
  keep: (memory: readonly Float32Array[]) => readonly Float32Array[] = (memory) => memory,
): readonly GuidanceResult[] {
  const results: GuidanceResult[] = [];
  let memory: readonly Float32Array[] = [];
  for (let index = 0; index < evaluations; index++) {
    const input = guidanceInput(guider, one, { index, memory });
    const applies = guider.appliesAt?.(input.moment) ?? true;
    if (!applies) continue;
    const result = guider.guide(input);
    results.push(result);
    memory = keep(result.memory ?? []);
  }
  return results;
}
