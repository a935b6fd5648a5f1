import type { FormulaRun, FormulaSet } from './element-formula.ts';
import { formulaModule } from './formula-code.ts';
import { wasmHost, type WasmHost } from './wasm-host.ts';

// Runs formulas in WebAssembly: copies arrays into its memory, which all formulas share and which never grows, lets the
// compiled loop run over them, and copies the results out. What is larger than the memory is taken in pieces.

const page = 4096;
const skew = 272;

/** Where formulas run, if they can here. */
export function formulaHost(): WasmHost | undefined {
  return wasmHost(
    formulaModule({ arrays: ['x'], numbers: [], formulas: [{ kind: 'array', name: 'x' }] }, page, 'float32'),
  );
}

/** Makes the function that runs a set of formulas; each is compiled when it is first needed. */
export function compiledFormulas(set: FormulaSet, { memory, start }: WasmHost): FormulaRun {
  const count = set.arrays.length + set.formulas.length;
  // A page of room for each of up to 127 arrays. Were they a multiple of 4096 bytes apart, a processor would take reads of
  // one for writes of another.
  const room = Math.floor(memory.byteLength / count / page - 1) * page;
  const stride = room + skew;
  const most = room / 4;
  const started: { [precision in 'float32' | 'float64']?: (...values: readonly number[]) => void } = {};
  return (arrays, numbers, length) => {
    const precision = numbers.every((value) => Math.fround(value) === value) ? 'float32' : 'float64';
    const run = (started[precision] ??= start(formulaModule(set, stride, precision)));
    const results = length <= most ? [] : set.formulas.map(() => new Float32Array(length));
    for (let from = 0; from < length; from += most) {
      const size = Math.min(most, length - from);
      for (let i = 0; i < arrays.length; i += 1) {
        const array = arrays[i]!;
        memory.set(size === length ? array : array.subarray(from, from + size), (i * stride) / 4);
      }
      run(16 * Math.ceil(size / 4), ...numbers);
      for (let i = 0; i < set.formulas.length; i += 1) {
        const begin = ((arrays.length + i) * stride) / 4;
        if (size === length) results.push(memory.slice(begin, begin + size));
        else results[i]!.set(memory.subarray(begin, begin + size), from);
      }
    }
    return length === 0 ? set.formulas.map(() => new Float32Array(0)) : results;
  };
}
