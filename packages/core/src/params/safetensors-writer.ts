/**
 * Writes safetensors files, byte for byte the same for the same input. The header lists the tensors in the order of
 * the record's keys; the data lies widest elements first, as the reference implementation lays it, and starts at a
 * multiple of 8, so a reader that maps the file finds every tensor aligned. Weights may be narrowed to half precision.
 */

import type { HostTensor } from '../contracts/tensors.ts';
import { TransfuseError } from '../errors/index.ts';
import { narrowToBfloat16, narrowToFloat16 } from './half-precision.ts';
import { elementSizes, type FileDType, metadataKey } from './safetensors-header.ts';

/** How {@link writeSafetensors} writes. */
export interface WriteSafetensorsOptions {
  /** Free texts for the header; none by default. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** What `float32` tensors are written as: unchanged (the default), or rounded to the nearest half precision number. */
  readonly dtype?: 'float32' | 'float16' | 'bfloat16';
}

/**
 * Writes tensors as one safetensors file. `int32` and `bool` tensors are always written as they are; float16 overflows
 * to infinity from 65520 on.
 *
 * @throws `tensor-file.malformed` where a tensor contradicts itself (as many values as its shape says, an array of its
 *   dtype, booleans of 0 and 1), is named `__metadata__`, or where the metadata holds anything but texts
 * @example
 * ```ts
 * import { writeSafetensors } from '@transfuse/core/params';
 * const gain = { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) } as const;
 * const bytes = writeSafetensors({ gain }, { dtype: 'bfloat16', metadata: { format: 'pt' } });
 * console.assert(bytes.length % 8 === 4); // 2 elements of 2 bytes after an aligned header
 * ```
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, HostTensor>>,
  options: WriteSafetensorsOptions = {},
): Uint8Array<ArrayBuffer> {
  const metadata = options.metadata ?? {};
  checkMetadata(metadata);
  const floats = ({ float32: 'F32', float16: 'F16', bfloat16: 'BF16' } as const)[options.dtype ?? 'float32'];
  const pieces = Object.entries(tensors).map(([name, tensor]) => pieceOf(name, tensor, floats));
  const { offsets, dataLength } = layOut(pieces);

  const entries: [string, unknown][] = pieces.map(({ name, dtype, shape, bytes }, index) => {
    const begin = offsets[index]!;
    return [name, { dtype, shape, data_offsets: [begin, begin + bytes.length] }];
  });
  if (Object.keys(metadata).length > 0) entries.unshift([metadataKey, metadata]);
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const headerLength = Math.ceil(json.length / 8) * 8;

  const file = new Uint8Array(8 + headerLength + dataLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.fill(0x20, 8, 8 + headerLength); // the padding is spaces, which JSON ignores
  file.set(json, 8);
  pieces.forEach(({ bytes }, index) => file.set(bytes, 8 + headerLength + offsets[index]!));
  return file;
}

interface Piece {
  readonly name: string;
  readonly dtype: FileDType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

function pieceOf(name: string, tensor: HostTensor, floats: 'F32' | 'F16' | 'BF16'): Piece {
  checkTensor(name, tensor);
  const { shape, data } = tensor;
  if (data instanceof Float32Array) return { name, dtype: floats, shape, bytes: bytesOf(narrowed(data, floats)) };
  return { name, dtype: data instanceof Int32Array ? 'I32' : 'BOOL', shape, bytes: bytesOf(data) };
}

function narrowed(data: Float32Array, dtype: 'F32' | 'F16' | 'BF16'): Float32Array | Uint16Array {
  if (dtype === 'F32') return data;
  return dtype === 'F16' ? narrowToFloat16(data) : narrowToBfloat16(data);
}

function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Where each piece begins, widest elements first and otherwise in the given order, and how long all are together. */
function layOut(pieces: readonly Piece[]): { offsets: readonly number[]; dataLength: number } {
  const offsets = pieces.map(() => 0);
  let dataLength = 0;
  const widestFirst = [...pieces.keys()].toSorted(
    (left, right) => elementSizes[pieces[right]!.dtype] - elementSizes[pieces[left]!.dtype],
  );
  for (const index of widestFirst) {
    offsets[index] = dataLength;
    dataLength += pieces[index]!.bytes.length;
  }
  return { offsets, dataLength };
}

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

function checkTensor(name: string, { dtype, shape, data }: HostTensor): void {
  if (name === metadataKey) throw contradiction(name, 'this name', 'another: the format keeps it for metadata');
  const array = Object.hasOwn(arrays, dtype) ? arrays[dtype] : undefined;
  if (array === undefined) throw contradiction(name, `the dtype ${dtype}`, `one of ${Object.keys(arrays).join(', ')}`);
  if (!(data instanceof array)) {
    throw contradiction(name, `dtype ${dtype} with values of another type`, `values of type ${array.name}`);
  }
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (!shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0) || size !== data.length) {
    throw contradiction(name, `${data.length} values for shape [${shape.join(', ')}]`, 'one value per element');
  }
  const wrong = dtype === 'bool' ? (data as Uint8Array).findIndex((value) => value > 1) : -1;
  if (wrong !== -1) throw contradiction(name, `the boolean ${data[wrong]} at index ${wrong}`, '0 or 1');
}

function checkMetadata(metadata: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') throw contradiction(`${metadataKey}.${key}`, `a ${typeof value}`, 'a text');
  }
}

function contradiction(name: string, found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'tensor-file.malformed',
    place: `tensor ${JSON.stringify(name)}, to be written`,
    found,
    expected,
    mend: 'Correct it where the tensors are made; nothing was written.',
  });
}
