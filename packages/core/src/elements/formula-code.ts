/**
 * Compiles formulas to WebAssembly: one loop that takes four elements at a time. An operation on 32-bit numbers that is
 * rounded to 32 bits is one instruction, since that rounds its exact result once, as rounding to 64 bits first and then
 * to 32 does for these operations (Figueroa 1995, "When is double rounding innocuous?"). Everything else is done in 64
 * bits, for the lower and the upper two elements one after the other.
 */
import { type Formula, type FormulaSet, isFloat32, rounded } from './formula.ts';
import { type Code, instruction, type ValueType, wasmModule } from './wasm-module.ts';

/** Which elements of the four: all, as 32-bit numbers, or two, as 64-bit ones. */
type Part = 'all' | 'lower' | 'upper';

const { localGet, localSet, localTee } = instruction;

/**
 * The bytes of a module whose function `run` takes how many bytes of each array to go through, a multiple of 16 above 0;
 * the addresses of the arrays and of the results, which may be those of arrays; and the numbers. `precision` says what
 * the numbers are known to be.
 */
export function formulaModule(set: FormulaSet, precision: 'float32' | 'float64'): Uint8Array {
  const addresses = set.arrays.length + set.formulas.length;
  const parameters: ValueType[] = [
    'i32',
    ...Array<ValueType>(addresses).fill('i32'),
    ...set.numbers.map(() => 'f64' as const),
  ];
  const locals: ValueType[] = [];
  const newLocal = (type: ValueType) => parameters.length + locals.push(type) - 1;
  const at = newLocal('i32');
  const element = (array: number): Code => [...localGet(1 + array), ...localGet(at), ...instruction.addIntegers];
  const beforeLoop: number[] = [];
  const known = {
    all: new Map<Formula, number>(),
    lower: new Map<Formula, number>(),
    upper: new Map<Formula, number>(),
  };

  /** Code that leaves a part of a formula; where it was asked for before, from the local that it was put into. */
  const value = (formula: Formula, part: Part): Code => {
    const before = known[part].get(formula);
    if (before !== undefined) return localGet(before);
    const local = newLocal('v128');
    known[part].set(formula, local);
    if (formula.kind !== 'number') return [...code(formula, part), ...localTee(local)];
    const { demote, splatFloat32, splatFloat64 } = instruction;
    const splat = part === 'all' ? [...demote, ...splatFloat32] : splatFloat64;
    beforeLoop.push(...localGet(1 + addresses + set.numbers.indexOf(formula.name)), ...splat, ...localSet(local));
    return localGet(local);
  };

  const code = (formula: Exclude<Formula, { kind: 'number' }>, part: Part): Code => {
    switch (formula.kind) {
      case 'constant':
        return part === 'all' ? instruction.constantFloat32(formula.value) : instruction.constantFloat64(formula.value);
      case 'array': {
        const place = element(set.arrays.indexOf(formula.name));
        if (part === 'all') return [...place, ...instruction.load(0)];
        return [...place, ...instruction.loadTwo(part === 'lower' ? 0 : 8), ...instruction.promoteLow];
      }
      case 'operation': {
        const { operation, left, right } = formula;
        return [...value(left, part), ...value(right, part), ...instruction.float64[operation]];
      }
      case 'root':
        return [...value(formula.of, part), ...instruction.float64.root];
      case 'rounded': {
        if (part === 'all') return roundedCode(formula.of);
        const all = value(formula, 'all');
        const low = part === 'lower' ? all : [...all, ...value(formula, 'all'), ...instruction.takeHigh];
        return [...low, ...instruction.promoteLow];
      }
    }
  };

  const roundedCode = (of: Formula): Code => {
    if (isFloat32(of, precision)) return value(of, 'all');
    if (of.kind === 'operation' && isFloat32(of.left, precision) && isFloat32(of.right, precision)) {
      return [...value(of.left, 'all'), ...value(of.right, 'all'), ...instruction.float32[of.operation]];
    }
    if (of.kind === 'root' && isFloat32(of.of, precision)) {
      return [...value(of.of, 'all'), ...instruction.float32.root];
    }
    const half = (part: Part) => [...value(of, part), ...instruction.demoteTwo];
    return [...half('lower'), ...half('upper'), ...instruction.joinLow];
  };

  // Every result is computed before the first is stored, as a result may lie where an array does.
  const results = set.formulas.map(() => newLocal('v128'));
  const computed = set.formulas.flatMap((formula, i) => [...value(rounded(formula), 'all'), ...localSet(results[i]!)]);
  const stored = results.flatMap((result, i) => [
    ...element(set.arrays.length + i),
    ...localGet(result),
    ...instruction.store(0),
  ]);
  const advance = [...localGet(at), ...instruction.integer(16), ...instruction.addIntegers, ...localTee(at)];
  const loop = instruction.repeat([...computed, ...stored, ...advance, ...localGet(0), ...instruction.isLess]);
  return wasmModule({ parameters, locals, body: [...beforeLoop, ...loop] });
}
