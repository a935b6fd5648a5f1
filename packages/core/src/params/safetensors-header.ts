/**
 * The header of a safetensors file, read and checked (format: the README of huggingface/safetensors). A file is an
 * 8-byte little-endian header length, a JSON object, and the tensors' bytes. The object maps each name to its dtype,
 * shape and place in the bytes; together the tensors must cover the bytes exactly, without holes or overlaps. Nothing
 * here allocates by a number from the file before that number was checked against the file's own size.
 */

import { TransfuseError } from '../errors/index.ts';
import { findJsonObjection } from './json-duplicate-key.ts';

/** Bytes per element of the element types that are read. */
export const elementSizes = { F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1, BOOL: 1 } as const;

/** An element type that is read. */
export type FileDType = keyof typeof elementSizes;

/** One tensor as the header describes it; the bytes are a view into the file. */
export interface FileTensor {
  readonly name: string;
  readonly dtype: FileDType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** The key under which a header carries free texts instead of a tensor. */
export const metadataKey = '__metadata__';

const headerLimit = 100_000_000; // bytes, as in the reference implementation
const deepestNesting = 16; // a valid header has 3 levels

/** Reads and checks the header. @throws `tensor-file.malformed`, `tensor-file.unsupported-dtype` */
export function readSafetensorsHeader(
  file: Uint8Array,
  place: string,
): { readonly tensors: readonly FileTensor[]; readonly metadata: Record<string, string> } {
  const headerLength = readHeaderLength(file, place);
  const header = parseHeader(file.subarray(8, 8 + headerLength), place);
  const data = file.subarray(8 + headerLength);
  const entries: TensorEntry[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === metadataKey) metadata = checkMetadata(value, place);
    else entries.push(checkEntry(name, value, place));
  }
  checkCoverage(entries, data.length, place);
  const tensors = entries.map(({ begin, end, ...tensor }) => ({ ...tensor, bytes: data.subarray(begin, end) }));
  return { tensors, metadata };
}

/** How messages name a tensor of a file: quoted, and cut where it is very long. */
export function placeOfTensor(place: string, name: string): string {
  return `${place}, tensor ${excerpt(name)}`;
}

/** An error about a malformed file. */
export function malformed(place: string, found: string, expected: string, cause?: unknown): TransfuseError {
  return new TransfuseError({
    code: 'tensor-file.malformed',
    place,
    found,
    expected,
    mend: 'Get or write the file again; it is damaged or not a safetensors file.',
    ...(cause === undefined ? {} : { cause }),
  });
}

interface TensorEntry extends Omit<FileTensor, 'bytes'> {
  readonly begin: number;
  readonly end: number;
}

function readHeaderLength(file: Uint8Array, place: string): number {
  if (file.length < 8) throw malformed(place, `${file.length} bytes`, 'at least 8, the length of the header');
  const length = new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true);
  if (length > headerLimit) {
    throw malformed(place, `a header length of ${length} bytes`, `at most ${headerLimit}`);
  }
  if (length > file.length - 8) {
    const expected = `at most the ${file.length - 8} bytes that follow it`;
    throw malformed(place, `a header length of ${length} bytes`, expected);
  }
  return Number(length);
}

function parseHeader(bytes: Uint8Array, place: string): Record<string, unknown> {
  let header: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const objection = findJsonObjection(text, { depth: deepestNesting });
    if (objection?.kind === 'duplicate-key') {
      throw malformed(place, `the key ${excerpt(objection.key)} twice in one object of the header`, 'each key once');
    }
    if (objection !== undefined) {
      throw malformed(place, `a header nested more than ${objection.limit} levels deep`, 'three levels');
    }
    header = JSON.parse(text);
  } catch (error) {
    if (error instanceof TransfuseError) throw error;
    throw malformed(place, 'a header that is not JSON in UTF-8', 'a JSON object', error);
  }
  if (!isObject(header)) throw malformed(place, `the header ${excerpt(header)}`, 'a JSON object');
  return header;
}

function checkMetadata(value: unknown, place: string): Record<string, string> {
  const isTexts = isObject(value) && Object.values(value).every((text) => typeof text === 'string');
  if (!isTexts) throw malformed(`${place}, ${metadataKey}`, excerpt(value), 'an object whose values are texts');
  return value as Record<string, string>;
}

function checkEntry(name: string, value: unknown, file: string): TensorEntry {
  const place = placeOfTensor(file, name);
  if (!isObject(value)) throw malformed(place, excerpt(value), 'an object with dtype, shape and data_offsets');
  const dtype = checkDType(value['dtype'], place);
  const { shape, size } = checkShape(value['shape'], place);
  const [begin, end] = checkOffsets(value['data_offsets'], place);
  const bytes = size * elementSizes[dtype];
  if (end - begin !== bytes) {
    throw malformed(place, `${end - begin} bytes`, `${bytes}, for ${dtype} of shape [${shape.join(', ')}]`);
  }
  return { name, dtype, shape, begin, end };
}

function checkDType(value: unknown, place: string): FileDType {
  if (typeof value !== 'string') throw malformed(`${place}, dtype`, excerpt(value), 'a text such as "F32"');
  if (Object.hasOwn(elementSizes, value)) return value as FileDType;
  throw new TransfuseError({
    code: 'tensor-file.unsupported-dtype',
    place: `${place}, dtype`,
    found: excerpt(value),
    expected: `one of ${Object.keys(elementSizes).join(', ')}`,
    mend: 'Convert the tensor to one of these types and write the file again.',
  });
}

function checkShape(value: unknown, place: string): { shape: number[]; size: number } {
  if (!Array.isArray(value) || !value.every(isCount)) {
    throw malformed(`${place}, shape`, excerpt(value), 'an array of whole numbers from 0 on');
  }
  const shape = value.map((extent) => extent + 0); // makes 0 of the -0 that JSON can carry
  let size = 1;
  for (const extent of shape) size *= extent;
  if (!isCount(size)) throw malformed(`${place}, shape`, excerpt(value), 'no more elements than the file can hold');
  return { shape, size };
}

function checkOffsets(value: unknown, place: string): readonly [number, number] {
  const [begin, end] = (Array.isArray(value) && value.length === 2 ? value : []) as unknown[];
  if (isCount(begin) && isCount(end) && begin <= end) return [begin + 0, end + 0];
  throw malformed(`${place}, data_offsets`, excerpt(value), 'two whole numbers from 0 on, the second not smaller');
}

/** In the order of their offsets, each tensor must begin where the one before it ended, and the last end with the file. */
function checkCoverage(entries: readonly TensorEntry[], dataLength: number, file: string): void {
  let covered = 0;
  for (const entry of entries.toSorted((left, right) => left.begin - right.begin || left.end - right.end)) {
    const place = `${placeOfTensor(file, entry.name)}, data_offsets`;
    if (entry.end > dataLength) {
      throw malformed(place, `[${entry.begin}, ${entry.end}]`, `an end within the ${dataLength} bytes of data`);
    }
    if (entry.begin !== covered) {
      const fault = entry.begin < covered ? 'an overlap' : 'a hole';
      throw malformed(place, `${fault}: a begin of ${entry.begin}`, `${covered}, where the tensor before it ends`);
    }
    covered = entry.end;
  }
  if (covered !== dataLength) {
    throw malformed(file, `${dataLength} bytes of data`, `${covered}, where the last tensor ends`);
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function excerpt(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
