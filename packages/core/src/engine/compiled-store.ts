/**
 * The compiled engine's store: values in typed arrays that ONNX Runtime reads in place. Each tensor has a spare of the
 * same size that the next result is written to, after which the two change places.
 */
import * as ort from 'onnxruntime-node';
import type { HostTensor, TensorSpec } from '../contracts/tensors.ts';
import { TransfuseError } from '../errors/index.ts';
import { checkStoreWrite, storeSpec } from './check-feed.ts';
import { digest } from './graph-key.ts';
import type { RuntimeStore } from './runtime-store.ts';
import { hostArray } from './trace/graph-builder.ts';
import { mapEntries } from './trace/trace-function.ts';

/** Values by name; see the top of this file. */
export class CompiledStore implements RuntimeStore {
  readonly specs: Readonly<Record<string, TensorSpec>>;
  readonly #current = new Map<string, ort.Tensor>();
  readonly #spare = new Map<string, ort.Tensor>();
  /** Of current values, as far as somebody asked. */
  readonly #digests = new Map<string, string>();

  constructor(tensors: Readonly<Record<string, HostTensor>>) {
    this.specs = mapEntries(tensors, ({ shape, dtype }) => ({ shape, dtype }));
    for (const [name, tensor] of Object.entries(tensors)) {
      this.#current.set(name, runtimeTensor(tensor.dtype, tensor.shape, tensor.data.slice()));
    }
  }

  async read(name: string): Promise<HostTensor> {
    const { data, ...spec } = this.borrow(name);
    return { ...spec, data: data.slice() };
  }

  write(name: string, value: HostTensor): void {
    checkStoreWrite(this.specs, name, value);
    (this.current(name).data as Float32Array).set(value.data);
    this.#digests.delete(name);
  }

  dispose(): void {
    this.#current.clear();
    this.#spare.clear();
    this.#digests.clear();
  }

  target(name: string): ort.Tensor {
    return this.spare(name);
  }

  take(name: string, _result: ort.Tensor, done: () => void): void {
    this.advance(name);
    done();
  }

  async settle(): Promise<void> {}

  /** The current values as they lie, valid until the store changes. */
  borrow(name: string): HostTensor {
    return { ...storeSpec(this.specs, name), data: this.current(name).data as HostTensor['data'] };
  }

  /** The digest of the current values' bytes. */
  digest(name: string): string {
    const known = this.#digests.get(name);
    if (known !== undefined) return known;
    const { buffer, byteOffset, byteLength } = this.borrow(name).data;
    const fresh = digest(new Uint8Array(buffer, byteOffset, byteLength));
    this.#digests.set(name, fresh);
    return fresh;
  }

  current(name: string): ort.Tensor {
    const tensor = this.#current.get(name);
    if (tensor === undefined) {
      throw new TransfuseError({
        code: 'host.disposed',
        place: `tensor ${name}`,
        found: 'a store without it, or one that was disposed of',
        expected: 'a live store',
        mend: 'Create the store again.',
      });
    }
    return tensor;
  }

  spare(name: string): ort.Tensor {
    let tensor = this.#spare.get(name);
    if (tensor === undefined) {
      const { shape, dtype } = this.specs[name]!;
      tensor = emptyTensor(dtype, shape);
      this.#spare.set(name, tensor);
    }
    return tensor;
  }

  advance(name: string): void {
    const next = this.spare(name);
    this.#spare.set(name, this.current(name));
    this.#current.set(name, next);
    this.#digests.delete(name);
  }
}

/** A runtime tensor over an array, without a copy. */
export function runtimeTensor(
  dtype: TensorSpec['dtype'],
  shape: readonly number[],
  data: HostTensor['data'],
): ort.Tensor {
  return new ort.Tensor(dtype, data as never, shape as number[]);
}

/** A runtime tensor of zeros. */
export function emptyTensor(dtype: TensorSpec['dtype'], shape: readonly number[]): ort.Tensor {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  return runtimeTensor(dtype, shape, hostArray(dtype, new Uint8Array(size)));
}
