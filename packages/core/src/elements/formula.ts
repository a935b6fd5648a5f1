/**
 * What is computed of every element of some arrays, written as a formula: a small tree (or graph, where a part is used
 * twice) over the elements of arrays, numbers that are the same for all elements, the four operations and the square
 * root. A formula says nothing of loops, so the same one can be run by JavaScript and by WebAssembly, and give the same
 * bits. Values are those of JavaScript, 64 bits wide; `float32` rounds each of its operations as `Math.fround` does.
 */

/** The four operations. */
export type Operation = 'plus' | 'minus' | 'times' | 'over';

/** The value of one element, as it is computed from others. */
export type Formula =
  /** The element of an array. */
  | { readonly kind: 'array'; readonly name: string }
  /** A number that is given with the arrays. */
  | { readonly kind: 'number'; readonly name: string }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'operation'; readonly operation: Operation; readonly left: Formula; readonly right: Formula }
  /** The square root. */
  | { readonly kind: 'root'; readonly of: Formula }
  /** A value rounded to the nearest 32-bit number. */
  | { readonly kind: 'rounded'; readonly of: Formula };

/** The operations on formulas, each rounded or none. */
export type Arithmetic = { readonly [name in Operation]: (left: Formula, right: Formula) => Formula } & {
  /** The square root. */
  readonly root: (of: Formula) => Formula;
};

const operator =
  (operation: Operation) =>
  (left: Formula, right: Formula): Formula => ({ kind: 'operation', operation, left, right });

/** Operations as JavaScript has them, with nothing rounded. */
export const float64: Arithmetic = {
  plus: operator('plus'),
  minus: operator('minus'),
  times: operator('times'),
  over: operator('over'),
  root: (of) => ({ kind: 'root', of }),
};

/** Operations of which each is rounded to 32 bits. */
export const float32: Arithmetic = {
  plus: (left, right) => rounded(float64.plus(left, right)),
  minus: (left, right) => rounded(float64.minus(left, right)),
  times: (left, right) => rounded(float64.times(left, right)),
  over: (left, right) => rounded(float64.over(left, right)),
  root: (of) => rounded(float64.root(of)),
};

/** The value rounded to 32 bits. */
export function rounded(of: Formula): Formula {
  return { kind: 'rounded', of };
}

/** A number that never changes. */
export function constant(value: number): Formula {
  return { kind: 'constant', value };
}

/**
 * Whether the value always is a 32-bit number. `numbers` says whether the given numbers are.
 */
export function isFloat32(formula: Formula, numbers: 'float32' | 'float64'): boolean {
  switch (formula.kind) {
    case 'array':
    case 'rounded':
      return true;
    case 'number':
      return numbers === 'float32';
    case 'constant':
      return Math.fround(formula.value) === formula.value;
    case 'operation':
    case 'root':
      return false;
  }
}

/** Formulas, and the names of what they read. */
export interface FormulaSet {
  readonly arrays: readonly string[];
  readonly numbers: readonly string[];
  readonly formulas: readonly Formula[];
}

/**
 * Computes a set's formulas for arrays of `length` elements and numbers, both in the order of their names: results, rounded
 * to 32 bits, in new arrays or in those given as `into`, which may be among the arrays that are read.
 */
export type FormulaRun = (
  arrays: readonly Float32Array[],
  numbers: readonly number[],
  length: number,
  into?: readonly Float32Array[],
) => readonly Float32Array[];
