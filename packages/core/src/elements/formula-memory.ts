/**
 * Memory that formulas compute in without copying: large arrays that are computed again and again, an optimizer's
 * state above all, are kept in it.
 */
import { type CompiledFormulas, compiledFormulas, formulaHost, skew, stagingBytes } from './compiled-formulas.ts';
import type { FormulaSet } from './formula.ts';

/** A memory of fixed size; it goes when nobody holds an array of it any more. */
export interface FormulaMemory {
  /** Room for an array of zeros, or undefined where there is none left. */
  allocate(length: number): Float32Array | undefined;
  /** Makes functions that compute arrays of this memory in place. At most 64 arrays and results. */
  plan(set: FormulaSet): CompiledFormulas;
}

/** Bytes that an array takes up: whole groups of four elements, and a gap before the next. */
export function allocatedBytes(length: number): number {
  return 16 * Math.ceil(length / 4) + skew;
}

/** Makes a memory for arrays of `bytes` in all; undefined where WebAssembly, or so much memory, is not to be had. */
export function createFormulaMemory(bytes: number): FormulaMemory | undefined {
  const host = formulaHost(bytes);
  if (host === undefined) return undefined;
  const { buffer } = host.memory;
  let next = stagingBytes;
  return {
    allocate(length) {
      if (next + allocatedBytes(length) > buffer.byteLength) return undefined;
      const array = new Float32Array(buffer, next, length);
      next += allocatedBytes(length);
      return array;
    },
    plan: (set) => compiledFormulas(set, host),
  };
}
