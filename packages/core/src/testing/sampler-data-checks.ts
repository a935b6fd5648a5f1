/** Checks of where a sampler ends, with networks whose right answer is known in closed form. */
import { insist } from './broken-contract.ts';
import { exactNetwork, type GaussianData, type NetworkKind } from './exact-network.ts';
import { moments } from './number-arrays.ts';
import type { SamplerCase } from './sampler-case.ts';
import { unitNoise, walk } from './sampling-walk.ts';

const point: GaussianData = { mean: 0.6, deviation: 0 };
const spread: GaussianData = { mean: 0.6, deviation: 0.5 };

/** A network that knows the one point of the data leads there, from every step that a run can be started at. */
export function insistPoint({ run, where }: SamplerCase, network: NetworkKind, tolerance: number): void {
  const noise = unitNoise('start', 5);
  const clean = noise.map(() => point.mean);
  for (const step of run.steps.keys()) {
    const state = step === 0 ? run.start(noise) : run.start(noise, { clean, step });
    const { latent } = walk(run, state, exactNetwork(point, network));
    const wrong = latent.find((value) => !(Math.abs(value - point.mean) <= tolerance));
    insist(
      wrong === undefined,
      `${where} begun at step ${step}, the run ended at ${wrong} although the network always said ${point.mean}; a run ends at clean data (within ${tolerance}, the option \`landing\`).`,
    );
  }
}

/** With many steps the results have the mean and the deviation of the data. */
export function insistGaussian({ run, where }: SamplerCase, network: NetworkKind, tolerance: number): void {
  const noise = standardized(unitNoise('many', 2048));
  // Schedules need not end in pure noise: begun with data of the same kind, the run stands where noisy data stand.
  const clean = standardized(unitNoise('data', 2048)).map((value) => spread.mean + spread.deviation * value);
  const { latent } = walk(run, run.start(noise, { clean }), exactNetwork(spread, network));
  const { mean, deviation } = moments(latent);
  insist(
    Math.abs(mean - spread.mean) <= tolerance,
    `${where} data of mean ${spread.mean} were sampled with mean ${mean}; with exact estimates it must come out (within ${tolerance}).`,
  );
  insist(
    Math.abs(deviation - spread.deviation) <= tolerance,
    `${where} data of deviation ${spread.deviation} were sampled with deviation ${deviation}; with exact estimates it must come out (within ${tolerance}; a sampler for distilled networks declares \`network: 'consistency'\`).`,
  );
}

/** Noise of mean exactly 0 and deviation exactly 1, so that only what the sampler adds is left to chance. */
function standardized(noise: Float32Array): Float32Array {
  const { mean, deviation } = moments(noise);
  return noise.map((value) => (value - mean) / deviation);
}
