/**
 * Runs formulas in WebAssembly. Arrays that lie in its memory are read and written where they are; others are copied
 * into the first mebibyte of it and results out of there, in pieces where they are larger.
 */
import type { FormulaRun, FormulaSet } from './formula.ts';
import { formulaModule } from './formula-code.ts';
import { wasmHost, type WasmHost } from './wasm-host.ts';

/** Bytes at the beginning of the memory for copies: what a processor's core has of cache. */
export const stagingBytes = 2 ** 20;

const page = 4096;
/** Were arrays a multiple of 4096 bytes apart, a processor would take reads of one for writes of another. */
export const skew = 272;
/** Bytes of an array that are copied at a time at most: more, and a dozen arrays leave the cache nearest to a core. */
const largest = 65_536;

/** Arrays and results of one set at most: with more there would be too little room for copies of each. */
export const mostArrays = 64;

/** Where formulas run, if they can here: with so many bytes of memory besides those for copies. */
export function formulaHost(bytes: number): WasmHost | undefined {
  const copy: FormulaSet = { arrays: ['x'], numbers: [], formulas: [{ kind: 'array', name: 'x' }] };
  return wasmHost(formulaModule(copy, 'float32'), stagingBytes + bytes);
}

/** Formulas that run in one memory. */
export interface CompiledFormulas {
  /** Runs them; takes copies of arrays that lie elsewhere. */
  readonly run: FormulaRun;
  /** The same for arrays and results of the memory alone that come again and again; undefined where one lies elsewhere. */
  bind(
    arrays: readonly Float32Array[],
    length: number,
    into: readonly Float32Array[],
  ): ((numbers: readonly number[]) => void) | undefined;
}

/**
 * Makes the functions that run a set of formulas of at most {@link mostArrays} arrays and results. They are compiled at
 * once for numbers of 32 bits, and for others when such are first given.
 */
export function compiledFormulas(set: FormulaSet, { memory, start }: WasmHost): CompiledFormulas {
  const count = set.arrays.length + set.formulas.length;
  const room = Math.min(largest, Math.floor(stagingBytes / count / page - 1) * page);
  const staged = (slot: number) => slot * (room + skew);
  const started: { [precision in 'float32' | 'float64']?: (...values: readonly number[]) => void } = {
    float32: start(formulaModule(set, 'float32')),
  };
  const isResident = (array: Float32Array) => array.buffer === memory.buffer;
  const computeAt = (addresses: readonly number[], size: number, numbers: readonly number[]) => {
    if (size === 0) return;
    const precision = numbers.every((value) => Math.fround(value) === value) ? 'float32' : 'float64';
    const code = (started[precision] ??= start(formulaModule(set, precision)));
    code(16 * Math.ceil(size / 4), ...addresses, ...numbers);
  };

  /** Runs over elements from one on; results that are not resident stay in the copying area. */
  const compute = (
    arrays: readonly Float32Array[],
    into: readonly Float32Array[],
    numbers: readonly number[],
    { from, size }: { readonly from: number; readonly size: number },
  ) => {
    const addresses: number[] = [];
    for (let i = 0; i < count; i += 1) {
      const array = arrays[i] ?? into[i - arrays.length];
      if (array !== undefined && isResident(array)) {
        addresses.push(array.byteOffset + 4 * from);
        continue;
      }
      addresses.push(staged(i));
      if (i >= arrays.length) continue;
      memory.set(size === array!.length ? array! : array!.subarray(from, from + size), staged(i) / 4);
    }
    computeAt(addresses, size, numbers);
  };

  const bind: CompiledFormulas['bind'] = (arrays, length, into) => {
    const all = [...arrays, ...into];
    if (!all.every(isResident)) return undefined;
    const addresses = all.map(({ byteOffset }) => byteOffset);
    return (numbers) => computeAt(addresses, length, numbers);
  };

  const run: FormulaRun = (arrays, numbers, length, into) => {
    const begin = (result: number) => staged(arrays.length + result) / 4;
    if (into === undefined && 4 * length <= room) {
      compute(arrays, [], numbers, { from: 0, size: length });
      return set.formulas.map((_, i) => memory.slice(begin(i), begin(i) + length));
    }
    const results = into ?? set.formulas.map(() => new Float32Array(length));
    const bound = bind(arrays, length, results);
    if (bound !== undefined) {
      bound(numbers);
      return results;
    }
    for (let from = 0; from < length; from += room / 4) {
      const size = Math.min(room / 4, length - from);
      compute(arrays, results, numbers, { from, size });
      for (const [i, result] of results.entries()) {
        if (!isResident(result)) result.set(memory.subarray(begin(i), begin(i) + size), from);
      }
    }
    return results;
  };
  return { run, bind };
}
