/**
 * The compiled engine's store: values in typed arrays that ONNX Runtime reads in place. Each tensor has a spare of the
 * same size that the next result is written to, after which the two change places.
 */
import * as ort from 'onnxruntime-node';
import type { TensorStore } from '../contracts/engine.ts';
import type { HostTensor, TensorSpec } from '../contracts/tensors.ts';
import { TransfuseError } from '../errors/index.ts';
import { checkStoreWrite, storeSpec } from './check-feed.ts';
import { hostArray } from './trace/graph-builder.ts';
import { mapEntries } from './trace/trace-function.ts';

/** Values by name; see the top of this file. */
export class CompiledStore implements TensorStore {
  readonly specs: Readonly<Record<string, TensorSpec>>;
  readonly #current = new Map<string, ort.Tensor>();
  readonly #spare = new Map<string, ort.Tensor>();

  constructor(tensors: Readonly<Record<string, HostTensor>>) {
    this.specs = mapEntries(tensors, ({ shape, dtype }) => ({ shape, dtype }));
    for (const [name, tensor] of Object.entries(tensors)) {
      this.#current.set(name, runtimeTensor(tensor.dtype, tensor.shape, tensor.data.slice()));
    }
  }

  async read(name: string): Promise<HostTensor> {
    return this.snapshot(name);
  }

  write(name: string, value: HostTensor): void {
    checkStoreWrite(this.specs, name, value);
    (this.current(name).data as Float32Array).set(value.data);
  }

  dispose(): void {
    this.#current.clear();
    this.#spare.clear();
  }

  snapshot(name: string): HostTensor {
    return {
      ...storeSpec(this.specs, name),
      data: (this.current(name).data as Float32Array).slice(),
    };
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
