import type { NoiseSchedule } from './noise-schedule.ts';

/** The network's opinion at the current latent and time, in both parametrisations (consistent with each other). */
export interface DenoisingEstimate {
  readonly clean: Float32Array;
  readonly noise: Float32Array;
}

/** Where a sampling run stands; plain data, so it can be stored and taken up again. */
export interface SamplerState {
  /** How many evaluations have been done: an index into {@link SamplingRun.times}. */
  readonly index: number;
  readonly latent: Float32Array;
  /** Estimates of earlier steps that a multistep sampler keeps. */
  readonly memory: readonly Float32Array[];
}

/** One planned trajectory from noise to data. */
export interface SamplingRun {
  /** The time of each network evaluation, from 1 towards 0; its length is the number of evaluations. */
  readonly times: readonly number[];
  /** The first state, from unit normal noise of the latent's size. */
  start(noise: Float32Array): SamplerState;
  /** One step: pure, takes fresh noise from `normal` if it is stochastic. */
  step(state: SamplerState, estimate: DenoisingEstimate, normal: () => number): SamplerState;
}

/** A way of integrating the reverse process; knows nothing of networks, guidance or tensors. */
export interface Sampler {
  readonly name: string;
  /** Plans a run of `steps` steps over a schedule; throws `schedule.invalid` where it cannot. */
  begin(schedule: NoiseSchedule, options: { readonly steps: number }): SamplingRun;
  /** The settings this sampler was created with. */
  readonly config: Readonly<Record<string, unknown>>;
}
