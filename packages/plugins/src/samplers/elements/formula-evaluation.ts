import type { Formula, Operation } from './element-formula.ts';

// Runs a formula in JavaScript: operation by operation over whole arrays of 64-bit numbers, so that every loop is one the
// compiler knows well. It is the definition of what a formula means, and does the work where WebAssembly cannot.

/** What a formula reads. */
export interface FormulaInputs {
  /** Arrays of one length, by name. */
  readonly arrays: Readonly<Record<string, Float32Array>>;
  readonly numbers: Readonly<Record<string, number>>;
}

/** Values of one part of a formula: an array, or a number for all elements. */
type Values = Float64Array | number;

/** The results of formulas, rounded to 32 bits, in new arrays of `length` elements. */
export function evaluateFormulas(
  formulas: readonly Formula[],
  inputs: FormulaInputs,
  length: number,
): readonly Float32Array[] {
  const known = new Map<Formula, Values>();
  return formulas.map((formula) => {
    const values = valuesOf(formula, inputs, known);
    return typeof values === 'number' ? new Float32Array(length).fill(values) : new Float32Array(values);
  });
}

function valuesOf(formula: Formula, inputs: FormulaInputs, known: Map<Formula, Values>): Values {
  const before = known.get(formula);
  if (before !== undefined) return before;
  const values = computed(formula, inputs, known);
  known.set(formula, values);
  return values;
}

function computed(formula: Formula, inputs: FormulaInputs, known: Map<Formula, Values>): Values {
  switch (formula.kind) {
    case 'array':
      return new Float64Array(inputs.arrays[formula.name]!);
    case 'number':
      return inputs.numbers[formula.name]!;
    case 'constant':
      return formula.value;
    case 'rounded': {
      const values = valuesOf(formula.of, inputs, known);
      return typeof values === 'number' ? Math.fround(values) : roundedCopy(values);
    }
    case 'operation': {
      const [left, right] = [valuesOf(formula.left, inputs, known), valuesOf(formula.right, inputs, known)];
      if (typeof left === 'number' && typeof right === 'number') return ofNumbers(formula.operation, left, right);
      const length = typeof left === 'number' ? (right as Float64Array).length : left.length;
      return ofArrays(formula.operation, spread(left, length), spread(right, length));
    }
  }
}

function spread(values: Values, length: number): Float64Array {
  return typeof values === 'number' ? new Float64Array(length).fill(values) : values;
}

function roundedCopy(values: Float64Array): Float64Array {
  const copy = new Float64Array(values.length);
  for (let i = 0; i < copy.length; i += 1) copy[i] = Math.fround(values[i]!);
  return copy;
}

function ofNumbers(operation: Operation, left: number, right: number): number {
  return ofArrays(operation, Float64Array.of(left), Float64Array.of(right))[0]!;
}

function ofArrays(operation: Operation, left: Float64Array, right: Float64Array): Float64Array {
  const result = new Float64Array(left.length);
  switch (operation) {
    case 'plus':
      for (let i = 0; i < result.length; i += 1) result[i] = left[i]! + right[i]!;
      return result;
    case 'minus':
      for (let i = 0; i < result.length; i += 1) result[i] = left[i]! - right[i]!;
      return result;
    case 'times':
      for (let i = 0; i < result.length; i += 1) result[i] = left[i]! * right[i]!;
      return result;
    case 'over':
      for (let i = 0; i < result.length; i += 1) result[i] = left[i]! / right[i]!;
      return result;
  }
}
