/** Checks what callers hand to engines: the one border of the tensor world. */
import type { HostTensor, TensorSpec } from '../contracts/tensors.ts';
import { TransfuseError } from '../errors/index.ts';

/** The number of elements of a shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

const arrayTypes = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** Returns the data if it fits the spec; throws `engine.feed-mismatch` otherwise. */
export function checkFeed(
  place: string,
  name: string,
  spec: TensorSpec,
  data: HostTensor['data'] | undefined,
): HostTensor['data'] {
  const fits = data instanceof arrayTypes[spec.dtype] && data.length === elementCount(spec.shape);
  if (fits) return data;
  throw new TransfuseError({
    code: 'engine.feed-mismatch',
    place: `${place}, input ${name}`,
    found: data === undefined ? 'nothing' : `${data.constructor.name} of ${data.length} elements`,
    expected: `${arrayTypes[spec.dtype].name} of ${elementCount(spec.shape)} elements, shape [${spec.shape.join(', ')}]`,
    mend: 'Feed an array of the type and size the function was compiled for.',
  });
}

/** Checks a write to a store. */
export function checkStoreWrite(specs: Readonly<Record<string, TensorSpec>>, name: string, value: HostTensor): void {
  const spec = specs[name];
  if (spec !== undefined) {
    checkFeed('tensor store', name, spec, value.data);
    return;
  }
  throw new TransfuseError({
    code: 'engine.feed-mismatch',
    place: `tensor store, tensor ${name}`,
    found: 'a name the store does not hold',
    expected: `one of ${Object.keys(specs).slice(0, 8).join(', ')}, …`,
    mend: 'Write only tensors the store was created with.',
  });
}
