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
    found: data ? `${data.constructor.name} of ${data.length} elements` : 'nothing',
    expected: `${arrayTypes[spec.dtype].name} of ${elementCount(spec.shape)} elements, shape [${spec.shape.join(', ')}]`,
    mend: 'Feed an array of the type and size the function was compiled for.',
  });
}

/** Checks that a function is fed nothing it was not compiled for. */
export function checkKnownInputs(place: string, specs: Readonly<Record<string, TensorSpec>>, inputs: object): void {
  const unknown = Object.keys(inputs).find((name) => !Object.hasOwn(specs, name));
  if (unknown === undefined) return;
  throw new TransfuseError({
    code: 'engine.feed-mismatch',
    place: `${place}, input ${unknown}`,
    found: 'an input the function was not compiled for',
    expected: Object.keys(specs).length === 0 ? 'no inputs' : `only ${Object.keys(specs).join(', ')}`,
    mend: 'Feed the inputs the function was compiled for and no others.',
  });
}

/** Checks a write to a store. */
export function checkStoreWrite(specs: Readonly<Record<string, TensorSpec>>, name: string, value: HostTensor): void {
  const spec = storeSpec(specs, name);
  checkFeed('tensor store', name, spec, value.data);
  checkSpec(`tensor store, tensor ${name}`, spec, value);
}

/** What {@link isTensorSpec} wants. */
export const tensorSpecText = 'a shape of whole numbers, and a dtype of float32, int32 or bool';

/** Whether a value says the shape and type of a tensor, or of a host tensor. */
export function isTensorSpec(value: Partial<TensorSpec> | undefined): value is TensorSpec {
  const { shape, dtype } = value ?? {};
  const isShape = Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size >= 0);
  return isShape && dtype !== undefined && Object.hasOwn(arrayTypes, dtype);
}

/** Checks the tensors that a store is created with. */
export function checkStoreTensors(tensors: Readonly<Record<string, HostTensor>>): void {
  for (const [name, tensor] of Object.entries(tensors)) {
    if (isTensorSpec(tensor)) {
      checkFeed('tensor store', name, tensor, tensor.data);
      continue;
    }
    const { shape, dtype } = (tensor ?? {}) as Partial<HostTensor>;
    throw new TransfuseError({
      code: 'engine.feed-mismatch',
      place: `tensor store, tensor ${name}`,
      found: tensor ? `${dtype} of shape ${JSON.stringify(shape)}` : 'nothing',
      expected: tensorSpecText,
      mend: 'Create the store with tensors of which every size is known.',
    });
  }
}

/** Throws `engine.feed-mismatch` for a value of another shape or type. */
export function checkSpec(
  place: string,
  spec: TensorSpec,
  value: { readonly shape: readonly number[]; readonly dtype: string },
): void {
  if (value.dtype === spec.dtype && value.shape.join() === spec.shape.join()) return;
  throw new TransfuseError({
    code: 'engine.feed-mismatch',
    place,
    found: `${value.dtype} of shape [${value.shape.join(', ')}]`,
    expected: `${spec.dtype} of shape [${spec.shape.join(', ')}]`,
    mend: 'Keep the shape and the type the store was created with.',
  });
}

/** What a store holds under a name. */
export function storeSpec(specs: Readonly<Record<string, TensorSpec>>, name: string): TensorSpec {
  const spec = specs[name];
  if (spec !== undefined) return spec;
  throw new TransfuseError({
    code: 'engine.feed-mismatch',
    place: `tensor store, tensor ${name}`,
    found: 'a name the store does not hold',
    expected: oneOf(Object.keys(specs)),
    mend: 'Use only tensors the store was created with.',
  });
}

/** Names to choose from, the first of them where they are many. */
export function oneOf(names: readonly string[]): string {
  if (names.length === 0) return 'none, as there are none';
  return `one of ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`;
}
