import { expect, it } from 'vitest';
import { formulaModule } from './formula-code.ts';
import { wasmHost } from './wasm-host.ts';

it('finds WebAssembly with vector instructions here, so that the tests below do compare two runtimes', () => {
  const copy = formulaModule({ arrays: ['x'], numbers: [], formulas: [{ kind: 'array', name: 'x' }] }, 'float32');
  const host = wasmHost(copy, 65_536)!;
  host.memory.set([3, 1, 4, 1, 5]);
  host.start(copy)(32, 0, 4096);
  expect([...host.memory.subarray(1024, 1030)]).toEqual([3, 1, 4, 1, 5, 0]);
});

it('has no host where a module cannot be compiled', () => {
  expect(wasmHost(Uint8Array.of(1, 2, 3), 65_536)).toBeUndefined();
});
