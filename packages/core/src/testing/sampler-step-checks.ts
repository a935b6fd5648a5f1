/** Checks of how a sampler steps: pure, resumable, in whole latents, and clear about what it cannot do. */
import { isDeepStrictEqual } from 'node:util';
import type { SamplerState } from '../contracts/sampler.ts';
import { insist, insistRefusal, insistUntouched } from './broken-contract.ts';
import { smoothNetwork } from './exact-network.ts';
import { notFinite } from './number-arrays.ts';
import type { SamplerCase } from './sampler-case.ts';
import { noiseAt, stepOnce, storedAndReadBack, unitNoise, walk } from './sampling-walk.ts';

const size = 6;

/** Every state of a run, the first and the last included; checks their form on the way. */
function statesOf({ run, where }: SamplerCase): readonly SamplerState[] {
  const states = [run.start(unitNoise('start', size))];
  while (states.length <= run.evaluations.length) {
    const before = states.at(-1)!;
    const { index, latent, memory } = stepOnce(run, structuredClone(before), smoothNetwork);
    insist(
      index === before.index + 1,
      `${where} step went from evaluation ${before.index} to ${index}; every step takes one evaluation.`,
    );
    const typed = latent instanceof Float32Array && memory.every((array) => array instanceof Float32Array);
    insist(
      typed,
      `${where} the state after evaluation ${before.index} holds more than Float32Arrays; latent and memory must be storable.`,
    );
    insist(
      latent.length === size,
      `${where} step turned ${size} values into ${latent.length}; the latent keeps its size.`,
    );
    const wrong = notFinite(latent);
    insist(wrong === undefined, `${where} the latent after evaluation ${before.index} is ${wrong}; it must be finite.`);
    states.push({ index, latent, memory });
  }
  return states;
}

/** The same arguments give the same state, whatever was done in between; and stay as they are. */
export async function insistPureSteps(one: SamplerCase): Promise<void> {
  const { run, where } = one;
  const states = statesOf(one);
  for (const [index, state] of states.slice(0, -1).entries()) {
    const estimate = smoothNetwork(state.latent, run.evaluations[index]!.level);
    const again = await insistUntouched(
      { state, estimate },
      () => run.step(state, estimate, noiseAt(index, size)),
      `${where} step`,
    );
    insist(
      isDeepStrictEqual(again, states[index + 1]),
      `${where} evaluation ${index}, taken again after the end of the run, gave another state; keep everything in latent and memory.`,
    );
  }
}

/** The arrays that `noise` gives are read, not written to. */
export async function insistNoiseUntouched(one: SamplerCase): Promise<void> {
  const { run, where } = one;
  for (const state of statesOf(one).slice(0, -1)) {
    const given: Float32Array[] = [];
    const source = noiseAt(state.index, size);
    const draw = () => (given.push(source()), given.at(-1)!);
    run.step(state, smoothNetwork(state.latent, run.evaluations[state.index]!.level), draw);
    const fresh = noiseAt(state.index, size);
    insist(
      given.every((array) => isDeepStrictEqual(array, fresh())),
      `${where} step wrote into the array that noise() gave; make an array of your own.`,
    );
  }
}

/** A state that was stored as JSON goes on in a run planned anew to the very same result. */
export function insistResumable(one: SamplerCase): void {
  const { sampler, schedule, request, where } = one;
  const states = statesOf(one);
  for (const state of states.slice(0, -1)) {
    const run = sampler.begin(schedule, request);
    const resumed = walk(run, storedAndReadBack(state), smoothNetwork);
    insist(
      isDeepStrictEqual(resumed, states.at(-1)),
      `${where} a state stored as JSON after ${state.index} evaluations went on to another result in a new run; keep everything in latent and memory.`,
    );
  }
}

/** `noise` is asked for whole latents: as often for a large latent as for a small one. */
export function insistWholeLatents({ run, where }: SamplerCase): void {
  const draws = (values: number) => {
    let state = run.start(unitNoise('start', values));
    return run.evaluations.map(({ level }, index) => {
      let calls = 0;
      const source = noiseAt(index, values);
      state = run.step(state, smoothNetwork(state.latent, level), () => (calls++, source()));
      insist(
        state.latent.length === values,
        `${where} a run that was not told a latent's size turned ${values} values into ${state.latent.length}.`,
      );
      return calls;
    });
  };
  const [few, many] = [draws(2), draws(40)];
  insist(
    isDeepStrictEqual(few, many),
    `${where} noise() was called ${few.join(', ')} times for 2 values but ${many.join(', ')} times for 40; it gives a whole latent at once.`,
  );
}

/** Estimates of another size than the latent are refused. */
export async function insistSizes({ run, where }: SamplerCase): Promise<void> {
  const state = run.start(unitNoise('start', size));
  const estimate = smoothNetwork(state.latent, run.evaluations[0]!.level);
  for (const wrong of [
    { ...estimate, clean: estimate.clean.slice(1) },
    { ...estimate, noise: new Float32Array(size + 1) },
  ]) {
    await insistRefusal(() => run.step(state, wrong, noiseAt(0, size)), `${where} an estimate of another size`, [
      'schedule.invalid',
    ]);
  }
}

/** Nothing is stepped before the beginning, beyond the end, or between two evaluations. */
export async function insistEnd(one: SamplerCase): Promise<void> {
  const { run, where } = one;
  const state = statesOf(one).at(-1)!;
  const estimate = { clean: state.latent, noise: state.latent };
  for (const index of [run.evaluations.length, -1, 0.5]) {
    await insistRefusal(
      () => run.step({ ...state, index }, estimate, noiseAt(0, size)),
      `${where} a step at evaluation ${index} of ${run.evaluations.length}`,
      ['schedule.invalid'],
    );
  }
}

/** Numbers of steps that are no positive integers are refused. */
export async function insistStepCounts({ sampler, schedule, request }: SamplerCase): Promise<void> {
  for (const steps of [0, -1, 0.5, Number.NaN, Infinity]) {
    await insistRefusal(() => sampler.begin(schedule, { ...request, steps }), `begin with ${steps} steps`, [
      'schedule.invalid',
    ]);
  }
}
