/**
 * The compiled engine's store: values in typed arrays that ONNX Runtime reads. Where it writes in place, a tensor that
 * graphs replace has a spare of the same size that the next result is written to, after which the two change places;
 * otherwise the result itself takes the tensor's place. Updates apart from graphs change the array itself.
 */
import type { HostTensor, TensorSpec } from '../contracts/tensors.ts';
import { TransfuseError } from '../errors/index.ts';
import { checkStoreWrite, elementCount, storeSpec } from './check-feed.ts';
import { digest } from './digest.ts';
import type { RuntimeTensor, TensorRuntime } from './onnx-runtime.ts';
import type { RuntimeStore } from './runtime-store.ts';
import { hostArray } from './trace/graph-builder.ts';
import { mapEntries } from './trace/trace-function.ts';

/** Values by name; see the top of this file. */
export class CompiledStore implements RuntimeStore {
  readonly specs: Readonly<Record<string, TensorSpec>>;
  readonly #runtime: TensorRuntime;
  readonly #current = new Map<string, RuntimeTensor>();
  readonly #spare = new Map<string, RuntimeTensor>();
  /** Of current values, as far as somebody asked. */
  readonly #digests = new Map<string, string>();

  constructor(tensors: Readonly<Record<string, HostTensor>>, runtime: TensorRuntime) {
    this.#runtime = runtime;
    this.specs = mapEntries(tensors, ({ shape, dtype }) => ({ shape, dtype }));
    for (const [name, tensor] of Object.entries(tensors)) {
      this.#current.set(name, runtime.tensor(tensor.dtype, tensor.shape, tensor.data.slice()));
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

  onDevice(): boolean {
    return false;
  }

  target(name: string): RuntimeTensor | null {
    return this.#runtime.writesInPlace ? this.#spareOf(name) : null;
  }

  take(name: string, result: RuntimeTensor, done: () => void): void {
    const previous = this.current(name);
    if (this.#runtime.writesInPlace) this.#spare.set(name, previous);
    this.#current.set(name, result);
    this.#digests.delete(name);
    done();
  }

  async settle(): Promise<void> {}

  /** The current values as they lie, valid until the store changes. */
  borrow(name: string): HostTensor {
    return { ...storeSpec(this.specs, name), data: this.values(name) };
  }

  values(name: string): HostTensor['data'] {
    return this.current(name).data as HostTensor['data'];
  }

  overwrite(name: string): HostTensor['data'] {
    this.#digests.delete(name);
    return this.values(name);
  }

  relocate(name: string, array: HostTensor['data']): void {
    const { data, dtype, shape } = this.borrow(name);
    array.set(data);
    this.#current.set(name, this.#runtime.tensor(dtype, shape, array));
  }

  /** The digest of the current values' bytes. */
  digest(name: string): string {
    const known = this.#digests.get(name);
    if (known !== undefined) return known;
    const { buffer, byteOffset, byteLength } = this.values(name);
    const fresh = digest(new Uint8Array(buffer, byteOffset, byteLength));
    this.#digests.set(name, fresh);
    return fresh;
  }

  current(name: string): RuntimeTensor {
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

  #spareOf(name: string): RuntimeTensor {
    let tensor = this.#spare.get(name);
    if (tensor === undefined) {
      const { shape, dtype } = this.specs[name]!;
      tensor = emptyTensor(this.#runtime, dtype, shape);
      this.#spare.set(name, tensor);
    }
    return tensor;
  }
}

/** A runtime tensor of zeros. */
export function emptyTensor(
  runtime: TensorRuntime,
  dtype: TensorSpec['dtype'],
  shape: readonly number[],
): RuntimeTensor {
  return runtime.tensor(dtype, shape, hostArray(dtype, new Uint8Array(elementCount(shape))));
}
