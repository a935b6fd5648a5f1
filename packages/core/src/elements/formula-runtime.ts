/** Where formulas are run: compiled to WebAssembly where that is to be had, else by JavaScript. Both give the same bits. */
import { checkedRun, checkFormulas } from './check-formulas.ts';
import { compiledFormulas, formulaHost, mostArrays } from './compiled-formulas.ts';
import type { FormulaRun, FormulaSet } from './formula.ts';
import { interpretedFormulas } from './interpreted-formulas.ts';
import type { WasmHost } from './wasm-host.ts';

/** What runs formulas. */
export type FormulaRuntime = 'webassembly' | 'javascript';

let host: WasmHost | undefined | 'unknown' = 'unknown';

function webAssemblyHost(): WasmHost | undefined {
  if (host === 'unknown') host = formulaHost(0);
  return host;
}

/** What formulas run in here; `javascript` where WebAssembly lacks the vector instructions or is forbidden. */
export function formulaRuntime(): FormulaRuntime {
  return webAssemblyHost() === undefined ? 'javascript' : 'webassembly';
}

/**
 * Makes the function that computes a set of formulas, any number of them over any number of arrays. `runtime` is what it
 * runs in where it can be had; default `webassembly`, for up to 64 arrays and results.
 *
 * Throws `engine.feed-mismatch` for formulas that read what the set does not name, and the function it returns where it
 * is not given what it needs.
 *
 * @example
 * ```ts
 * import { float32, type Formula, planFormulas } from '@transfuse/core/elements';
 * const [x, y]: readonly Formula[] = [{ kind: 'array', name: 'x' }, { kind: 'array', name: 'y' }];
 * const length = float32.root(float32.plus(float32.times(x!, x!), float32.times(y!, y!)));
 * const run = planFormulas({ arrays: ['x', 'y'], numbers: [], formulas: [length] });
 * const [lengths] = run([Float32Array.of(3, 5), Float32Array.of(4, 12)], [], 2);
 * console.assert(lengths?.join() === '5,13');
 * ```
 */
export function planFormulas(set: FormulaSet, runtime: FormulaRuntime = 'webassembly'): FormulaRun {
  checkFormulas(set);
  const compiled =
    set.arrays.length + set.formulas.length <= mostArrays && runtime === 'webassembly' && webAssemblyHost();
  return checkedRun(set, compiled ? compiledFormulas(set, compiled).run : interpretedFormulas(set));
}
