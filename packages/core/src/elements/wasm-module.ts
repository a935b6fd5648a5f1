/**
 * An assembler for the little of WebAssembly that formulas need (WebAssembly Core Specification 2.0, chapter 5, the
 * binary format): a module with one function that reads and writes a memory given from outside. Instructions are lists of
 * bytes, concatenated in the order they run; operands come before their operation, on a stack.
 */

/** Bytes of one or more instructions. */
export type Code = readonly number[];

/** An unsigned integer in as many bytes as it takes, seven bits each (LEB128). */
export function unsigned(value: number): Code {
  return value < 128 ? [value] : [(value % 128) + 128, ...unsigned(Math.floor(value / 128))];
}

const vector = (operation: number): Code => [0xfd, ...unsigned(operation)];
const memoryAccess = (operation: number, offset: number): Code => [...vector(operation), 0, ...unsigned(offset)]; // alignment 2^0: any
const eightBytes = (first: number): Code => Array.from({ length: 8 }, (_, i) => first + i);

/** The instructions that formulas are made of. `f32x4` are four 32-bit numbers in one value, `f64x2` two of 64 bits. */
export const instruction = {
  localGet: (local: number): Code => [0x20, ...unsigned(local)],
  localSet: (local: number): Code => [0x21, ...unsigned(local)],
  localTee: (local: number): Code => [0x22, ...unsigned(local)],
  addIntegers: [0x6a],
  /** A whole number from 0 to 63. */
  integer: (value: number): Code => [0x41, value],
  isLess: [0x49],
  demote: [0xb6], // one number of 64 bits to 32
  /** Runs the body again as long as the integer that it leaves is not 0. */
  repeat: (body: Code): Code => [0x03, 0x40, ...body, 0x0d, 0x00, 0x0b],
  /** Four 32-bit numbers from an address and so many bytes behind it. */
  load: (offset: number): Code => memoryAccess(0x00, offset),
  /** Two of them, as the lower half. */
  loadTwo: (offset: number): Code => memoryAccess(0x5d, offset),
  store: (offset: number): Code => memoryAccess(0x0b, offset),
  constantFloat32: (value: number): Code => [...vector(0x0c), ...bytesOf(new Float32Array(4).fill(value))],
  constantFloat64: (value: number): Code => [...vector(0x0c), ...bytesOf(new Float64Array(2).fill(value))],
  splatFloat32: vector(0x13),
  splatFloat64: vector(0x14),
  /** The lower two of four 32-bit numbers as 64-bit ones. */
  promoteLow: vector(0x5f),
  /** Two 64-bit numbers rounded to the lower two of four 32-bit ones. */
  demoteTwo: vector(0x5e),
  /** The lower halves of two values, the first below the second. */
  joinLow: [...vector(0x0d), ...eightBytes(0), ...eightBytes(16)],
  /** The upper half of a value, given twice, as its lower half. */
  takeHigh: [...vector(0x0d), ...eightBytes(8), ...eightBytes(8)],
  float32: { root: vector(0xe3), plus: vector(0xe4), minus: vector(0xe5), times: vector(0xe6), over: vector(0xe7) },
  float64: { root: vector(0xef), plus: vector(0xf0), minus: vector(0xf1), times: vector(0xf2), over: vector(0xf3) },
} as const;

/** The types a local has. */
export type ValueType = 'i32' | 'f64' | 'v128';

const typeCodes = { i32: 0x7f, f64: 0x7c, v128: 0x7b } as const;

/** A function without a result; locals are counted from 0, the parameters first. */
export interface WasmFunction {
  readonly parameters: readonly ValueType[];
  readonly locals: readonly ValueType[];
  readonly body: Code;
}

const header: Code = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]; // "\0asm", version 1

/** The bytes of a module that imports the memory `host.memory` and exports the function as `run`. */
export function wasmModule({ parameters, locals, body }: WasmFunction): Uint8Array {
  const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
  const types = (list: readonly ValueType[]): Code => list.map((type) => typeCodes[type]);
  const declared = [...unsigned(locals.length), ...types(locals).flatMap((type) => [1, type])];
  const code = [...declared, ...body, 0x0b];
  return Uint8Array.from([
    ...header,
    ...section(1, [1, 0x60, ...unsigned(parameters.length), ...types(parameters), 0]), // one type, no results
    ...section(2, [1, ...named('host'), ...named('memory'), 0x02, 0x00, 1]), // a memory of at least one page
    ...section(3, [1, 0]), // one function, of that type
    ...section(7, [1, ...named('run'), 0x00, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
}

function named(name: string): Code {
  return [name.length, ...Array.from(name, (letter) => letter.charCodeAt(0))];
}

/** In memory WebAssembly's lowest byte comes first, whatever the machine's. */
function bytesOf(values: Float32Array | Float64Array): Code {
  const bytes = [...new Uint8Array(values.buffer)];
  const width = values.BYTES_PER_ELEMENT;
  if (littleEndian) return bytes;
  return Array.from({ length: values.length }, (_, i) => bytes.slice(i * width, (i + 1) * width).toReversed()).flat();
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
