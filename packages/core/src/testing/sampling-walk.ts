/**
 * Walks a sampler through a run: asks a network at every evaluation and steps. The noise of an evaluation is decided by
 * its index, as a stored random state would decide it, so a walk can be taken up anywhere.
 */
import type { SamplerState, SamplingRun } from '../contracts/sampler.ts';
import { createRandom } from '../random/seeded-random.ts';
import type { ExactNetwork } from './exact-network.ts';

/** Unit normal noise, `[size]`, decided by a label. */
export function unitNoise(label: string, size: number): Float32Array {
  return createRandom(label).fillNormal(new Float32Array(size));
}

/** The noise source of an evaluation. */
export function noiseAt(index: number, size: number): () => Float32Array {
  let calls = 0;
  return () => unitNoise(`${index}/${calls++}`, size);
}

/** One step, with the network's estimate at the state's own evaluation. */
export function stepOnce(run: SamplingRun, state: SamplerState, network: ExactNetwork): SamplerState {
  const { level } = run.evaluations[state.index]!;
  return run.step(state, network(state.latent, level), noiseAt(state.index, state.latent.length));
}

/** Steps until `until` evaluations are done, by default all of them. */
export function walk(
  run: SamplingRun,
  from: SamplerState,
  network: ExactNetwork,
  { until = run.evaluations.length }: { readonly until?: number } = {},
): SamplerState {
  let state = from;
  while (state.index < until) {
    const next = stepOnce(run, state, network);
    if (!(next.index > state.index)) return next; // a broken sampler must not hang the checks
    state = next;
  }
  return state;
}

/** A state after being stored as JSON and read back. */
export function storedAndReadBack({ index, latent, memory }: SamplerState): SamplerState {
  const text = JSON.stringify({ index, latent: [...latent], memory: memory.map((array) => [...array]) });
  const plain = JSON.parse(text) as { index: number; latent: number[]; memory: number[][] };
  return {
    index: plain.index,
    latent: Float32Array.from(plain.latent),
    memory: plain.memory.map((array) => Float32Array.from(array)),
  };
}
