import type { NoiseLevel, PredictionType } from './noise-schedule.ts';

/**
 * What one evaluation of the network is conditioned on. `conditional` sees the sequence as it is; `without-text` every
 * text replaced by the dropped-caption token, or by the negative prompt where there is one; `without-blocks` no earlier
 * continuous blocks; `unconditional` neither text nor blocks; `weak` the sequence as it is, read by a weaker model.
 */
export type Branch = 'conditional' | 'without-text' | 'without-blocks' | 'unconditional' | 'weak';

/** Where in a denoising run guidance is asked for. */
export interface GuidanceMoment {
  /** The evaluation, from 0. */
  readonly index: number;
  /** How many evaluations the run has. */
  readonly of: number;
  /** 0 (clean) to 1 (noise). */
  readonly time: number;
  readonly level: NoiseLevel;
}

/** What a guider is given. */
export interface GuidanceInput {
  readonly moment: GuidanceMoment;
  /** The noisy latent that was shown to the network, and its shape, channels last. */
  readonly latent: Float32Array;
  readonly latentShape: readonly number[];
  /** What the network predicts. */
  readonly prediction: PredictionType;
  /** The network's output for `conditional` and for every branch that a guider of the chain asked for. */
  readonly outputs: Readonly<Partial<Record<Branch, Float32Array>>> & { readonly conditional: Float32Array };
  /** The result of the guider before this one in the chain; the conditional output for the first. */
  readonly guided: Float32Array;
  /** What this guider returned as `memory` at the evaluation before, at first nothing. */
  readonly memory: readonly Float32Array[];
}

/** What a guider gives back. */
export interface GuidanceResult {
  /** A new array of the output's size; the inputs stay as they are. */
  readonly guided: Float32Array;
  /** Kept for the next evaluation; leaving it out keeps nothing. */
  readonly memory?: readonly Float32Array[];
}

/**
 * A way of steering the denoising with the outputs of several branches. Guiders are chained in the order of the
 * configuration: one combines branches, later ones correct the result (rescale it, clamp its norm).
 */
export interface Guider {
  readonly name: string;
  /** Branches besides `conditional` that `guide` reads; each costs an evaluation. */
  readonly branches: readonly Branch[];
  /** Where guidance applies at all. Where one guider of a chain says no, the chain is left out and only `conditional` is evaluated. */
  appliesAt?(moment: GuidanceMoment): boolean;
  /** Pure: all it remembers goes through `memory`. */
  guide(input: GuidanceInput): GuidanceResult;
  /** The settings this guider was created with. */
  readonly config: Readonly<Record<string, unknown>>;
}
