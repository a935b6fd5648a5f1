/** What a compiled function asks of a store, wherever its values lie. */
import type { TensorStore } from '../contracts/engine.ts';
import type { HostTensor } from '../contracts/tensors.ts';
import type { RuntimeTensor } from './onnx-runtime.ts';

/** A store that ONNX Runtime reads and writes. */
export interface RuntimeStore extends TensorStore {
  /** The current values. */
  current(name: string): RuntimeTensor;
  /** Whether the next values stay on the runtime's device. */
  onDevice(name: string): boolean;
  /** What the next values are written into; null where the runtime makes room for them. */
  target(name: string): RuntimeTensor | null;
  /**
   * Makes the result of a run the current values: the target, or what the runtime made.
   * @param done called once the result is not needed any more
   */
  take(name: string, result: RuntimeTensor, done: () => void): void;
  /** Brings all values to where {@link borrow}, {@link values} and {@link digest} see them. */
  settle(): Promise<void>;
  /** The current values as they lie in JavaScript memory, valid until the store changes. */
  borrow(name: string): HostTensor;
  /** Their array alone. */
  values(name: string): HostTensor['data'];
  /** The current values as they lie in JavaScript memory, for somebody who changes them there. */
  overwrite(name: string): HostTensor['data'];
  /** Copies the current values into an array of their size, and keeps them there from now on. */
  relocate(name: string, array: HostTensor['data']): void;
  /** The digest of the current values' bytes. */
  digest(name: string): string;
}
