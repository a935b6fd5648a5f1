import type { Tensor } from '@tensorflow/tfjs-core';
import type { ParameterSpec } from './parameters.ts';
import type { Latent, NamedTensors } from './tensors.ts';

/** Decodes a growing stream of token ids to text without ever emitting half a character. */
export interface IncrementalDecoder<Piece> {
  /** Takes the next id; returns what can be shown now, possibly nothing. */
  push(id: number): Piece;
  /** Ends the stream and returns what was held back. */
  flush(): Piece;
}

/** A modality of tokens from a finite vocabulary: text, code, any symbol stream. */
export interface DiscreteAdapter<Raw = unknown> {
  readonly kind: 'discrete';
  /** The name segments carry, for example `text`. */
  readonly modality: string;
  /** Ids run from 0 to `vocabularySize` - 1. */
  readonly vocabularySize: number;
  /** Value to ids. Throws `tokenizer.unknown-text` where the vocabulary cannot write it. */
  encode(raw: Raw): Int32Array;
  /** Ids to value, the whole of it; see `createIncrementalDecoder` for a stream. */
  decode(ids: ArrayLike<number>): Raw;
  /** Starts decoding a stream of ids. */
  createIncrementalDecoder(): IncrementalDecoder<Raw>;
  /** Files to store in a checkpoint folder beside the weights, by name (`tokenizer.json`). */
  assets(): Readonly<Record<string, Uint8Array>>;
  /** Releases what the adapter holds, for example a frozen network; whoever made the adapter calls it once it is done. Twice is fine. */
  dispose?(): Promise<void>;
}

/** What {@link ContinuousAdapter.embed} hands to the transformer, and around it. */
export interface Embedded {
  /** `[B, N, D]` */
  readonly tokens: Tensor;
  /** Activations that go around the transformer to {@link ContinuousAdapter.predict} (a U-Net's skips); may be empty. */
  readonly skips: NamedTensors;
}

/**
 * A modality of real-valued latents on a grid: image, audio, video. The codec half (`encode`, `decode`) is frozen and
 * runs in the composition world; the trainable half (`embed`, `predict`) is pure tensor code.
 */
export interface ContinuousAdapter<Raw = unknown> {
  readonly kind: 'continuous';
  /** The name segments carry, for example `image`. */
  readonly modality: string;
  /** The latent shape used where nothing else decides it, for example `[32, 32, 3]`. */
  readonly defaultLatentShape: readonly number[];
  /**
   * Every latent shape there can be, where there are several: sizes of pictures, lengths of sounds. `encode` gives these
   * and no others; no two of them may have one {@link ContinuousAdapter.tokenGrid}. Default: `defaultLatentShape` alone.
   */
  readonly latentShapes?: readonly (readonly number[])[];
  /**
   * The latent shape of a value of this size, in the modality's own words: `{ width, height }` in pixels, `{ seconds }`,
   * `{ frames, width, height }`; one of `latentShapes`, the nearest where it makes no matter (a little more silence), or
   * only the very size where it does. Throws `generation.invalid-option` for words it does not know and sizes it does not
   * have. Without this function values cannot be asked for by their size.
   */
  latentShape?(size: Readonly<Record<string, number>>): readonly number[];
  /** Raw value to latent; values should be near [-1, 1] or unit variance. */
  encode(raw: Raw, options?: { readonly signal?: AbortSignal }): Promise<Latent>;
  /** Latent to raw value; values outside the range are clamped. */
  decode(latent: Latent): Promise<Raw>;
  /** How many tokens a latent of this shape becomes, and in what arrangement, in raster order: `[h, w]`, `[frames, h, w]`, `[n]`. */
  tokenGrid(latentShape: readonly number[]): readonly number[];
  /** The trainable part for a model of this width, by local name (the model prefixes `adapters.<modality>.`). */
  parameters(modelWidth: number): ParameterSpec;
  /**
   * Noisy latents to tokens. @param noisy `[B, ...latentShape]` @param time `[B]`, 0 (clean) to 1 (noise).
   * @returns tokens `[B, N, D]`
   */
  embed(params: NamedTensors, noisy: Tensor, time: Tensor): Embedded;
  /** Hidden states of the block's positions to a prediction of the latent's shape. @param hidden `[B, N, D]` @returns `[B, ...latentShape]` */
  predict(
    params: NamedTensors,
    hidden: Tensor,
    time: Tensor,
    skips: NamedTensors,
    latentShape: readonly number[],
  ): Tensor;
  /**
   * Files to store in a checkpoint folder beside the weights, by name (`image-codec.json`); the factory gets them back in
   * `CreationContext.assets`. Default: none.
   */
  assets?(): Readonly<Record<string, Uint8Array>>;
  /** Releases what the adapter holds, for example a frozen network; whoever made the adapter calls it once it is done. Twice is fine. */
  dispose?(): Promise<void>;
}

/** Any modality adapter. */
export type ModalityAdapter = DiscreteAdapter | ContinuousAdapter;
