/**
 * Runs formulas in JavaScript, where WebAssembly cannot: operation by operation over short blocks of elements, in loops
 * that the compiler knows well and on numbers that stay in the processor's cache.
 */
import type { Formula, FormulaRun, FormulaSet, Operation } from './formula.ts';

/** The values of one part of a formula, for a block of elements. */
type Block = Float64Array;

const blockLength = 1024;

/** Makes the function that runs a set of formulas. */
export function interpretedFormulas(set: FormulaSet): FormulaRun {
  const blocks = new Map<Formula, Block>();
  const steps: ((length: number) => void)[] = [];
  const given = { array: new Map<string, Block>(), number: new Map<string, Block>() };
  const blockOf = (formula: Formula): Block => {
    const isLeaf = formula.kind === 'array' || formula.kind === 'number';
    const before = isLeaf ? given[formula.kind].get(formula.name) : blocks.get(formula);
    if (before !== undefined) return before;
    const block = new Float64Array(blockLength);
    if (formula.kind === 'constant') block.fill(formula.value);
    else if (formula.kind === 'rounded') roundingStep(formula.of, block);
    else if (formula.kind === 'operation') {
      const [left, right, operate] = [blockOf(formula.left), blockOf(formula.right), operators[formula.operation]];
      steps.push((length) => operate(block, left, right, length));
    } else if (formula.kind === 'root') {
      const values = blockOf(formula.of);
      steps.push((length) => root(block, values, length));
    } else given[formula.kind].set(formula.name, block);
    blocks.set(formula, block);
    return block;
  };
  const roundingStep = (of: Formula, block: Block) => {
    if (of.kind === 'operation') {
      const [left, right, operate] = [blockOf(of.left), blockOf(of.right), roundingOperators[of.operation]];
      steps.push((length) => operate(block, left, right, length));
      return;
    }
    const values = blockOf(of);
    steps.push((length) => round(block, values, length));
  };
  const results = set.formulas.map(blockOf);
  return (arrays, numbers, length, into) => {
    set.numbers.forEach((name, i) => given.number.get(name)?.fill(numbers[i]!));
    const found = into ?? results.map(() => new Float32Array(length));
    for (let from = 0; from < length; from += blockLength) {
      const end = Math.min(length, from + blockLength);
      for (const [name, block] of given.array) block.set(arrays[set.arrays.indexOf(name)]!.subarray(from, end));
      for (const step of steps) step(end - from);
      for (const [i, block] of results.entries()) found[i]!.set(block.subarray(0, end - from), from);
    }
    return found;
  };
}

function root(into: Block, values: Block, length: number): void {
  for (let i = 0; i < length; i += 1) into[i] = Math.sqrt(values[i]!);
}

function round(into: Block, values: Block, length: number): void {
  for (let i = 0; i < length; i += 1) into[i] = Math.fround(values[i]!);
}

type Operators = { readonly [name in Operation]: (into: Block, left: Block, right: Block, length: number) => void };

const operators: Operators = {
  plus(into, left, right, length) {
    for (let i = 0; i < length; i += 1) into[i] = left[i]! + right[i]!;
  },
  minus(into, left, right, length) {
    for (let i = 0; i < length; i += 1) into[i] = left[i]! - right[i]!;
  },
  times(into, left, right, length) {
    for (let i = 0; i < length; i += 1) into[i] = left[i]! * right[i]!;
  },
  over(into, left, right, length) {
    for (let i = 0; i < length; i += 1) into[i] = left[i]! / right[i]!;
  },
};

/** The same and a rounding in one loop, which is what nearly all formulas are made of. */
const roundingOperators: Operators = {
  plus(into, left, right, length) {
    for (let i = 0; i < length; i += 1) into[i] = Math.fround(left[i]! + right[i]!);
  },
  minus(into, left, right, length) {
    for (let i = 0; i < length; i += 1) into[i] = Math.fround(left[i]! - right[i]!);
  },
  times(into, left, right, length) {
    for (let i = 0; i < length; i += 1) into[i] = Math.fround(left[i]! * right[i]!);
  },
  over(into, left, right, length) {
    for (let i = 0; i < length; i += 1) into[i] = Math.fround(left[i]! / right[i]!);
  },
};
