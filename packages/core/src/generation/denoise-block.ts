/**
 * Makes one continuous block: the sampler plans, the network is asked at each of its times, guidance combines the
 * branches, and the sampler steps, until the latent is clean.
 */
import type { RandomSource } from '../contracts/random-source.ts';
import type { SamplerState } from '../contracts/sampler.ts';
import { toEstimate } from '../objective/parametrisation.ts';
import type { DiffusionSettings } from './generation-options.ts';
import type { BlockDenoiser } from './sequence-reader.ts';

/** Where a block stands after a step. */
export interface DenoisingStep {
  /** From 1. */
  readonly step: number;
  readonly of: number;
  readonly latent: Float32Array;
  /** The network's present estimate of the clean latent. */
  readonly estimate: Float32Array;
}

/** Yields after every step; the last step's `latent` is the result. */
export async function* denoiseBlock(
  denoiser: BlockDenoiser,
  size: number,
  { schedule, prediction, sampler, steps, guidance }: DiffusionSettings,
  random: RandomSource,
): AsyncGenerator<DenoisingStep> {
  const run = sampler.begin(schedule, { steps });
  let state: SamplerState = run.start(random.fillNormal(new Float32Array(size)));
  for (const [index, time] of run.times.entries()) {
    const branches = await denoiser.predict(state.latent, time);
    const output = guide(branches, guidance);
    const estimate = toEstimate(output, state.latent, prediction, schedule.at(time));
    state = run.step(state, estimate, () => random.normal());
    yield { step: index + 1, of: run.times.length, latent: state.latent, estimate: estimate.clean };
  }
}

/** Classifier-free guidance: `unconditional + scale (conditional - unconditional)` (Ho and Salimans 2022). */
export function guide(branches: readonly Float32Array[], scale: number): Float32Array {
  const [conditional, unconditional] = branches;
  if (unconditional === undefined) return conditional!;
  return conditional!.map((value, index) => unconditional[index]! + scale * (value - unconditional[index]!));
}
