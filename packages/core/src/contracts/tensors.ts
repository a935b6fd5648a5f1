import type { Tensor } from '@tensorflow/tfjs-core';

/** Element types that cross the engine boundary. */
export type DType = 'float32' | 'int32' | 'bool';

/** Shape and element type of one tensor. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** A tensor's values in JavaScript memory, row-major. */
export interface HostTensor extends TensorSpec {
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** Tensors by name, as tensor functions take and return them. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

/** One continuous value in latent space: what a continuous adapter's codec yields and the diffusion loss sees. */
export interface Latent {
  readonly data: Float32Array;
  /** For example `[H, W, C]`; channels last. */
  readonly shape: readonly number[];
}
