import type { NoiseLevel, NoiseSchedule, PredictionType } from './noise-schedule.ts';

/** The network's opinion at the current latent and time, in both parametrisations (consistent with each other). */
export interface DenoisingEstimate {
  readonly clean: Float32Array;
  readonly noise: Float32Array;
}

/** One evaluation of the network that a run has planned. */
export interface PlannedEvaluation {
  /** What the network is told: 0 (clean) to 1 (noise). A discrete schedule's timestep n, whole or between two, is n / timesteps. */
  readonly time: number;
  /** The noise level at which the latent stands then; what turns the network's output into an estimate. */
  readonly level: NoiseLevel;
}

/** Where a sampling run stands; plain data, so it can be stored and taken up again. */
export interface SamplerState {
  /** How many evaluations have been done: an index into {@link SamplingRun.evaluations}. */
  readonly index: number;
  /** What the network is shown next, at the level of that evaluation; clean data after the last. */
  readonly latent: Float32Array;
  /** What the sampler keeps of earlier evaluations: estimates of a multistep method, the start of a step of several stages. */
  readonly memory: readonly Float32Array[];
}

/** Where a run begins: from noise alone, or from a clean latent with the noise of a later step on it. */
export interface SamplingStart {
  /** The clean latent to begin from (image to image); without it the run begins with noise alone. */
  readonly clean?: Float32Array;
  /** The step to begin at, an index into {@link SamplingRun.steps}; default 0. */
  readonly step?: number;
}

/** One planned trajectory from noise to data. */
export interface SamplingRun {
  /** Every network evaluation, in order. */
  readonly evaluations: readonly PlannedEvaluation[];
  /** The evaluation each step begins with; a step of a two-stage method has two. A run may begin at any of them. */
  readonly steps: readonly number[];
  /**
   * The first state, from unit normal noise of the latent's size. With `clean` it is `alpha * clean + sigma * noise` at
   * the level of the step it begins at.
   */
  start(noise: Float32Array, options?: SamplingStart): SamplerState;
  /**
   * Takes the estimate for `state.latent` at evaluation `state.index`. Pure: the same arguments give the same state, and
   * the arguments stay as they are; the new state may hold the estimate's arrays, so the caller leaves them alone too. A stochastic sampler calls `noise` for unit normal noise of the latent's size.
   */
  step(state: SamplerState, estimate: DenoisingEstimate, noise: () => Float32Array): SamplerState;
}

/** What a run is planned for. */
export interface SamplingRequest {
  /** How many steps; a two-stage method evaluates the network up to twice as often. Ignored where `timesteps` or `sigmas` are given. */
  readonly steps: number;
  /** What the network predicts, for samplers that are made for one kind of network. */
  readonly prediction?: PredictionType;
  /** Tokens of the block: samplers with dynamic shifting take more noise for larger blocks. */
  readonly tokens?: number;
  /** The exact shift exponent instead of one from `tokens`, for samplers with dynamic shifting. */
  readonly mu?: number;
  /** Timesteps to use instead of planned ones, falling, in the schedule's own count (0 to timesteps - 1). */
  readonly timesteps?: readonly number[];
  /** Noise levels to use instead of planned ones, falling, in the sampler's own measure of sigma. */
  readonly sigmas?: readonly number[];
}

/** A way of integrating the reverse process; knows nothing of networks, guidance or tensors. */
export interface Sampler {
  readonly name: string;
  /** Plans a run over a schedule; throws `schedule.invalid` where it cannot. */
  begin(schedule: NoiseSchedule, request: SamplingRequest): SamplingRun;
  /** The settings this sampler was created with. */
  readonly config: Readonly<Record<string, unknown>>;
}
