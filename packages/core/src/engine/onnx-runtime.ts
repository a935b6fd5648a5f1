/**
 * What the compiled engine needs of ONNX Runtime, whichever package it comes in: tensors over typed arrays, and sessions
 * that run them. `node-runtime.ts` has it from onnxruntime-node, `web/web-runtime.ts` from onnxruntime-web; everything
 * between tracing a function and running it knows these types alone.
 */
import type { HostTensor, TensorSpec } from '../contracts/tensors.ts';

/** A tensor of the runtime, in JavaScript memory or on a device. */
export interface RuntimeTensor {
  /** The typed array of a tensor in JavaScript memory; of one on a device, reading it throws. */
  readonly data: unknown;
  /** Lets go of the tensor. */
  dispose(): void;
}

/** A graph ready to run. */
export interface RuntimeSession {
  /** Runs once, for the results named in `fetches`: into the tensors given there, or into new ones where it says null. */
  run(
    feeds: Readonly<Record<string, RuntimeTensor>>,
    fetches: Readonly<Record<string, RuntimeTensor | null>>,
  ): Promise<Readonly<Record<string, RuntimeTensor>>>;
  /** Adds work that the last run caused outside the graph to what is recorded of it, in microseconds; where runs are recorded. */
  note?(operator: string, line: string | undefined, microseconds: number): void;
  /** Releases the graph; nothing runs on it afterwards. */
  release(): Promise<void>;
}

/** How tensors of a runtime are made, and whether results can be written into them. */
export interface TensorRuntime {
  /** Whether a run writes results in JavaScript memory into tensors it is given; otherwise each run makes new ones. */
  readonly writesInPlace: boolean;
  /** A tensor over an array, without a copy. */
  tensor(dtype: TensorSpec['dtype'], shape: readonly number[], data: HostTensor['data']): RuntimeTensor;
}
