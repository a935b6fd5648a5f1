/** Checks at the border of this folder: that formulas read what is named, and that a run is given all of it. */
import { TransfuseError } from '../errors/index.ts';
import type { Formula, FormulaRun, FormulaSet } from './formula.ts';

/** Throws `engine.feed-mismatch` for a formula that reads an array or a number which the set does not name. */
export function checkFormulas(set: FormulaSet): void {
  const seen = new Set<Formula>();
  const visit = (formula: Formula): void => {
    if (seen.has(formula)) return;
    seen.add(formula);
    if (formula.kind === 'array' || formula.kind === 'number') {
      const names = formula.kind === 'array' ? set.arrays : set.numbers;
      if (!names.includes(formula.name))
        throw mismatch(`the ${formula.kind} ${formula.name}`, `one of ${names.join()}`);
    } else if (formula.kind === 'operation') {
      visit(formula.left);
      visit(formula.right);
    } else if (formula.kind !== 'constant') visit(formula.of);
  };
  set.formulas.forEach(visit);
}

/** The same run, which throws `engine.feed-mismatch` if it is not given as many arrays, numbers and elements as it needs. */
export function checkedRun({ arrays: names, numbers: factors, formulas }: FormulaSet, run: FormulaRun): FormulaRun {
  return (arrays, numbers, length, into) => {
    checkCount('arrays', arrays.length, names.length);
    checkCount('numbers', numbers.length, factors.length);
    if (into !== undefined) checkCount('arrays for results', into.length, formulas.length);
    for (const array of arrays) checkCount('elements', array.length, length);
    for (const array of into ?? []) checkCount('elements for a result', array.length, length);
    return run(arrays, numbers, length, into);
  };
}

function checkCount(what: string, found: number, expected: number): void {
  if (found !== expected) throw mismatch(`${found} ${what}`, `${expected}`);
}

function mismatch(found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'engine.feed-mismatch',
    place: 'formulas',
    found,
    expected,
    mend: 'Name every array and number that the formulas read, and give them in that order, arrays of one length.',
  });
}
