/**
 * Updates of stores that are computed element by element of what the stores hold, of results of the graph and of numbers:
 * an optimizer's step is one. The runtime would pass over memory once for every operation and keep a second copy of every
 * store to write into; a formula passes once, and writes where it read.
 */
import type { FormulaSet } from '../../elements/formula.ts';

/** Where an array or a number of an update comes from. */
export type UpdateOperand =
  /** A value of the graph that the session gives, by its name there. */
  | { readonly from: 'graph'; readonly name: string }
  /** What the caller feeds. */
  | { readonly from: 'input'; readonly input: string }
  /** What a store holds. */
  | { readonly from: 'store'; readonly store: string; readonly tensor: string };

/** A tensor of a store. */
export interface StoredTensor {
  readonly store: string;
  readonly tensor: string;
}

/** New values for tensors of one size, computed together because they read each other's old values. */
export interface ElementUpdate {
  /** Elements of each array. */
  readonly length: number;
  /** Formulas of the targets, in their order; arrays and numbers are named by their place among the operands. */
  readonly formulas: FormulaSet;
  readonly arrays: readonly UpdateOperand[];
  readonly numbers: readonly UpdateOperand[];
  readonly targets: readonly StoredTensor[];
  /** The line of user code that made the first target, where lines are recorded. */
  readonly source?: string;
}
