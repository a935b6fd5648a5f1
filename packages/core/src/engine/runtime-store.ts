/** What a compiled function asks of a store, wherever its values lie. */
import type * as ort from 'onnxruntime-node';
import type { TensorStore } from '../contracts/engine.ts';
import type { HostTensor } from '../contracts/tensors.ts';

/** A store that ONNX Runtime reads and writes. */
export interface RuntimeStore extends TensorStore {
  /** The current values. */
  current(name: string): ort.Tensor;
  /** What the next values are written into; null where the runtime makes room for them on its device. */
  target(name: string): ort.Tensor | null;
  /**
   * Makes the result of a run the current values: the target, or what the runtime made.
   * @param done called once the result is not needed any more
   */
  take(name: string, result: ort.Tensor, done: () => void): void;
  /** Brings all values to where {@link borrow} and {@link digest} see them. */
  settle(): Promise<void>;
  /** The current values as they lie in JavaScript memory, valid until the store changes. */
  borrow(name: string): HostTensor;
  /** The digest of the current values' bytes. */
  digest(name: string): string;
}
