import { expect, it } from 'vitest';
import { instruction, unsigned, wasmModule } from './wasm-module.ts';

it('writes integers seven bits at a time, the lowest first', () => {
  // The examples of the DWARF standard, where the encoding comes from.
  expect([2, 127, 128, 129, 130, 12857].map(unsigned)).toEqual([
    [2],
    [0x7f],
    [0x80, 1],
    [0x81, 1],
    [0x82, 1],
    [0xb9, 0x64],
  ]);
});

it('writes a module that WebAssembly finds valid, and one with a wrong type that it does not', () => {
  const { validate } = (globalThis as unknown as { WebAssembly: { validate(bytes: Uint8Array): boolean } }).WebAssembly;
  const copy = [
    ...instruction.localGet(0),
    ...instruction.localGet(0),
    ...instruction.load(0),
    ...instruction.store(16),
  ];
  const moduleOf = (type: 'i32' | 'v128') => wasmModule({ parameters: [type], locals: ['v128'], body: copy });
  expect(validate(moduleOf('i32'))).toBe(true);
  expect(validate(moduleOf('v128'))).toBe(false);
});
