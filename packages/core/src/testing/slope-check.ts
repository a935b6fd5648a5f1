/**
 * The check that an adapter's gradients are right: along a random direction of each array, the slope that the gradient
 * claims is the one that central differences measure. A network with kinks (relu, abs, max) is measured wrongly where a
 * kink lies within the step, so the step is halved until the two agree or until float32 can tell them apart no more.
 */
import type { Engine } from '../contracts/engine.ts';
import { type AdapterTrial, runTrial, trialInputs, type TrialInputs } from './adapter-trial.ts';
import { insist } from './broken-contract.ts';
import { createRandom } from '../random/seeded-random.ts';

/** How long the first step is in the space of the array. */
const firstStep = 0.01;
/** The first step and its halves, down to a 64th. */
const attempts = 7;
/** How far the slopes may lie apart, relative to the gradient's length. */
const tolerance = 0.05;
/** How far float32 may round a score, relative to its size: a few units in the last place. */
const rounding = 4 * 2 ** -24;

/** Two scores a step apart in either direction, and the slopes between them. */
interface Slopes {
  readonly measured: number;
  readonly claimed: number;
  /** How much of `measured` may be rounding. */
  readonly noise: number;
}

/** Along a random direction of each array, the gradient is the slope that finite differences measure. */
export async function insistSlopes(trial: AdapterTrial, engine: Engine): Promise<void> {
  const inputs = trialInputs(trial, [0.4]);
  const gradients = await runTrial(engine, trial, 'gradients', inputs);
  for (const [name, { data: gradient }] of Object.entries(gradients)) {
    const bound = tolerance * Math.max(Math.hypot(...gradient), 1e-3);
    let last: Slopes | undefined;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const slopes = await slopesAt(engine, trial, inputs, { name, gradient, step: firstStep / 2 ** attempt });
      if (last !== undefined && slopes.noise > bound / 2) break;
      last = slopes;
      if (Math.abs(slopes.measured - slopes.claimed) <= bound) break;
    }
    const { measured, claimed } = last!;
    insist(
      Math.abs(measured - claimed) <= bound,
      `${trial.where} the gradient of ${name} says a slope of ${claimed}, finite differences ${measured}, also with smaller steps; an op in between has a wrong gradient, or kinks (relu, abs, max) lie closer together than float32 can measure.`,
    );
  }
}

async function slopesAt(
  engine: Engine,
  trial: AdapterTrial,
  inputs: TrialInputs,
  { name, gradient, step }: { readonly name: string; readonly gradient: Float32Array; readonly step: number },
): Promise<Slopes> {
  const random = createRandom(`direction/${name}`);
  const each = step / Math.sqrt(gradient.length);
  const signs = Float32Array.from(gradient, () => (random.uniform() < 0.5 ? -1 : 1));
  const from = inputs[name]!;
  const moved = (by: number) => Float32Array.from(from.data, (x, index) => x + by * signs[index]!);
  const score = async (data: Float32Array) =>
    (await runTrial(engine, trial, 'score', { ...inputs, [name]: { ...from, data } }))['score']!.data[0]!;
  const [ahead, behind] = [moved(each), moved(-each)];
  const [above, below] = [await score(ahead), await score(behind)];
  // What float32 really made of the step, so that its rounding is on both sides of the comparison.
  const change = gradient.reduce((total, slope, index) => total + slope * (ahead[index]! - behind[index]!), 0);
  return {
    measured: (above - below) / (2 * each),
    claimed: change / (2 * each),
    noise: (rounding * Math.max(Math.abs(above), Math.abs(below))) / each,
  };
}
