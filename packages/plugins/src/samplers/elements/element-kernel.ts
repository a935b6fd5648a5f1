import { TransfuseError } from '@transfuse/core/contracts';
import type { Formula } from './element-formula.ts';
import { evaluateFormulas } from './formula-evaluation.ts';
import { formulaModule, type FormulaSet } from './formula-code.ts';
import { wasmHost, type WasmHost } from './wasm-host.ts';

// The seam between samplers and how their arithmetic is run. A sampler writes down what it computes of each element; here
// that becomes a function over arrays: compiled to WebAssembly where that is to be had, which is what makes a step cheap
// beside a network, else run by JavaScript. Both give the same bits. A formula is compiled when it is first used, once
// for numbers that are 32 bits wide and once for others; arrays are copied into the memory of WebAssembly and back.

/** Computes new arrays from arrays of one length, and numbers. */
export type ElementKernel<Arrays extends string, Numbers extends string, Results extends string> = (
  arrays: Readonly<Record<Arrays, Float32Array>>,
  numbers: Readonly<Record<Numbers, number>>,
) => Readonly<Record<Results, Float32Array>>;

/** Where kernels run; `javascript` also where WebAssembly lacks the vector instructions or is forbidden. */
export type KernelRuntime = 'webassembly' | 'javascript';

/** Runs a set of formulas over arrays and numbers in the order of its names. */
type Run = (arrays: readonly Float32Array[], numbers: readonly number[], length: number) => readonly Float32Array[];

const page = 4096;
const skew = 272;
let host: WasmHost | undefined | 'unknown' = 'unknown';

/**
 * Makes a kernel of the formulas that `write` gives for names of arrays and of numbers. Throws `schedule.invalid` when it
 * is given arrays of different lengths.
 *
 * @example
 * ```ts
 * const halved = elementKernel({ arrays: ['x', 'y'], numbers: ['share'] }, ({ x, y, share }) => ({
 *   difference: float32.times(share, float32.minus(x, y)),
 * }));
 * const { difference } = halved({ x: Float32Array.of(3), y: Float32Array.of(1) }, { share: 0.5 });
 * console.assert(difference[0] === 1);
 * ```
 */
export function elementKernel<const Arrays extends string, const Numbers extends string, Results extends string>(
  reads: { readonly arrays: readonly Arrays[]; readonly numbers: readonly Numbers[] },
  write: (parts: Readonly<Record<Arrays | Numbers, Formula>>) => Readonly<Record<Results, Formula>>,
  runtime: KernelRuntime = 'webassembly',
): ElementKernel<Arrays, Numbers, Results> {
  let planned: { readonly results: readonly string[]; readonly run: Run } | undefined;
  return (arrays, numbers) => {
    planned ??= plan(reads, write, runtime);
    const given = reads.arrays.map((name) => arrays[name]);
    const { length } = given[0]!;
    if (given.some((array) => array.length !== length)) throw unequal(reads.arrays, given);
    const found = planned.run(
      given,
      reads.numbers.map((name) => numbers[name]),
      length,
    );
    const results: Record<string, Float32Array> = {};
    for (let i = 0; i < found.length; i += 1) results[planned.results[i]!] = found[i]!;
    return results as Record<Results, Float32Array>;
  };
}

function plan<Arrays extends string, Numbers extends string>(
  reads: { readonly arrays: readonly Arrays[]; readonly numbers: readonly Numbers[] },
  write: (parts: Readonly<Record<Arrays | Numbers, Formula>>) => Readonly<Record<string, Formula>>,
  runtime: KernelRuntime,
): { readonly results: readonly string[]; readonly run: Run } {
  const parts = Object.fromEntries<Formula>([
    ...reads.arrays.map((name): [string, Formula] => [name, { kind: 'array', name }]),
    ...reads.numbers.map((name): [string, Formula] => [name, { kind: 'number', name }]),
  ]);
  const written = write(parts as Record<Arrays | Numbers, Formula>);
  const set: FormulaSet = { ...reads, formulas: Object.values(written) };
  if (host === 'unknown') host = wasmHost(trial());
  const run = runtime === 'javascript' || host === undefined ? interpreted(set) : compiled(set, host);
  return { results: Object.keys(written), run };
}

function interpreted({ arrays: arrayNames, numbers: numberNames, formulas }: FormulaSet): Run {
  return (arrays, numbers, length) =>
    evaluateFormulas(
      formulas,
      {
        arrays: Object.fromEntries(arrayNames.map((name, i) => [name, arrays[i]!])),
        numbers: Object.fromEntries(numberNames.map((name, i) => [name, numbers[i]!])),
      },
      length,
    );
}

function compiled(set: FormulaSet, { memory, start }: WasmHost): Run {
  const count = set.arrays.length + set.formulas.length;
  // The same distance from a multiple of 4096 bytes would make a processor take reads of one array for writes of another.
  const room = Math.floor(memory.byteLength / count / page - 1) * page;
  const stride = room + skew;
  const started: { [precision in 'float32' | 'float64']?: (...values: readonly number[]) => void } = {};
  const most = room / 4;
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

/** A module with vector instructions. */
function trial(): Uint8Array {
  return formulaModule({ arrays: ['x'], numbers: [], formulas: [{ kind: 'array', name: 'x' }] }, page, 'float32');
}

function unequal(names: readonly string[], arrays: readonly Float32Array[]): TransfuseError {
  return new TransfuseError({
    code: 'schedule.invalid',
    place: 'a sampler’s step',
    found: names.map((name, i) => `${name} of ${arrays[i]!.length} values`).join(', '),
    expected: 'latent, estimate, noise and memory of one length',
    mend: 'Draw noise of the latent’s size, and continue a stored state with the run and the latent it belongs to.',
  });
}
