/**
 * Reads safetensors files, the weight files of the Hugging Face world, into {@link HostTensor}s. Every element type is
 * taken to a type the engine knows without changing a value: half precision is widened, small integers too. The header
 * is checked completely before a byte of data is touched, so a damaged or hostile file is refused, never half read.
 * Bytes are taken as they lie: like TensorFlow.js itself, this expects a little-endian machine.
 */

import type { HostTensor } from '../contracts/tensors.ts';
import { TransfuseError } from '../errors/index.ts';
import { widenBfloat16, widenFloat16 } from './half-precision.ts';
import { type FileTensor, malformed, placeOfTensor, readSafetensorsHeader } from './safetensors-header.ts';

/** What a safetensors file holds. */
export interface SafetensorsContent {
  /** By name, in the header's order. */
  readonly tensors: Record<string, HostTensor>;
  /** Free texts; empty where the file has none. */
  readonly metadata: Record<string, string>;
}

/**
 * Reads a whole safetensors file. F32, F16 and BF16 become `float32`, exactly; I32 and U8 become `int32`; I64 becomes
 * `int32` where every value fits; BOOL becomes `bool`. The values are copied: the file's bytes may be let go.
 *
 * @param bytes the file
 * @param options.place how error messages name the file, default `safetensors file`
 * @throws `tensor-file.malformed` for a damaged file or anything else that is not a safetensors file
 * @throws `tensor-file.unsupported-dtype` for other element types, and for an I64 that does not fit 32 bits
 * @example
 * ```ts
 * import { readSafetensors, writeSafetensors } from '@transfuse/core/params';
 * const bytes = writeSafetensors({ gain: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) } });
 * console.assert(readSafetensors(bytes).tensors['gain']?.data[1] === 2);
 * ```
 */
export function readSafetensors(bytes: Uint8Array, options: { readonly place?: string } = {}): SafetensorsContent {
  const place = options.place ?? 'safetensors file';
  const { tensors, metadata } = readSafetensorsHeader(bytes, place);
  const entries = tensors.map(
    (tensor) => [tensor.name, readTensor(tensor, placeOfTensor(place, tensor.name))] as const,
  );
  return { tensors: Object.fromEntries(entries), metadata };
}

function readTensor({ dtype, shape, bytes }: FileTensor, place: string): HostTensor {
  switch (dtype) {
    case 'F32':
      return { dtype: 'float32', shape, data: new Float32Array(alignedCopy(bytes)) };
    case 'F16':
      return { dtype: 'float32', shape, data: widenFloat16(new Uint16Array(alignedCopy(bytes))) };
    case 'BF16':
      return { dtype: 'float32', shape, data: widenBfloat16(new Uint16Array(alignedCopy(bytes))) };
    case 'I64':
      return { dtype: 'int32', shape, data: narrowIntegers(new BigInt64Array(alignedCopy(bytes)), place) };
    case 'I32':
      return { dtype: 'int32', shape, data: new Int32Array(alignedCopy(bytes)) };
    case 'U8':
      return { dtype: 'int32', shape, data: Int32Array.from(bytes) };
    case 'BOOL':
      return { dtype: 'bool', shape, data: checkedBooleans(bytes, place) };
  }
}

/** A buffer of its own: a view would need the alignment that files do not promise (and a Buffer's `slice` is a view). */
function alignedCopy(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function narrowIntegers(values: BigInt64Array, place: string): Int32Array {
  const result = new Int32Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (BigInt.asIntN(32, value) !== value) {
      throw new TransfuseError({
        code: 'tensor-file.unsupported-dtype',
        place,
        found: `I64 with the value ${value} at index ${index}`,
        expected: 'values from -2147483648 to 2147483647',
        mend: 'Leave the tensor out, or write it as F32 or I32.',
      });
    }
    result[index] = Number(value);
  }
  return result;
}

function checkedBooleans(bytes: Uint8Array, place: string): Uint8Array {
  const wrong = bytes.findIndex((byte) => byte > 1);
  if (wrong !== -1) throw malformed(place, `BOOL with the byte ${bytes[wrong]} at index ${wrong}`, '0 or 1');
  return new Uint8Array(bytes);
}
