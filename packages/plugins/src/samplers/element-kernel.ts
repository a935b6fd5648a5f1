import { TransfuseError } from '@transfuse/core/contracts';
import { type Formula, type FormulaRun, type FormulaRuntime, planFormulas } from '@transfuse/core/elements';

// The seam between samplers and how their arithmetic is run. A sampler writes down what it computes of each element; here
// that becomes a function over arrays: compiled to WebAssembly where that is to be had, which is what makes a step cheap
// beside a network, else run by JavaScript. Both give the same bits. A formula is compiled when it is first used, once
// for numbers that are 32 bits wide and once for others; arrays are copied into the memory of WebAssembly and back.

/** Computes new arrays from arrays of one length, and numbers. */
export type ElementKernel<Arrays extends string, Numbers extends string, Results extends string> = (
  arrays: Readonly<Record<Arrays, Float32Array>>,
  numbers: Readonly<Record<Numbers, number>>,
) => Readonly<Record<Results, Float32Array>>;

/**
 * Makes a kernel of the formulas that `write` gives for names of arrays and of numbers. Throws `schedule.invalid` when it
 * is given arrays of different lengths.
 *
 * A kernel of the arrays `u` and `slope` and the number `width`, whose formulas are `{ next: plus(u, times(slope, width)) }`,
 * gives `next` anew each time it is called with `{ u, slope }` and `{ width }`. `runtime` can be had otherwise by tests.
 */
export function elementKernel<const Arrays extends string, const Numbers extends string, Results extends string>(
  reads: { readonly arrays: readonly Arrays[]; readonly numbers: readonly Numbers[] },
  write: (parts: Readonly<Record<Arrays | Numbers, Formula>>) => Readonly<Record<Results, Formula>>,
  runtime: FormulaRuntime = 'webassembly',
): ElementKernel<Arrays, Numbers, Results> {
  let planned: { readonly results: readonly string[]; readonly run: FormulaRun } | undefined;
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
  runtime: FormulaRuntime,
): { readonly results: readonly string[]; readonly run: FormulaRun } {
  const parts = Object.fromEntries<Formula>([
    ...reads.arrays.map((name): [string, Formula] => [name, { kind: 'array', name }]),
    ...reads.numbers.map((name): [string, Formula] => [name, { kind: 'number', name }]),
  ]);
  const written = write(parts as Record<Arrays | Numbers, Formula>);
  const run = planFormulas({ ...reads, formulas: Object.values(written) }, runtime);
  return { results: Object.keys(written), run };
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
