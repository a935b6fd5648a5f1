/** Writes expressions of updates as formulas over counted arrays and numbers, so that updates alike have equal formulas. */
import { constant, float32, type Formula, type FormulaSet } from '../../elements/formula.ts';
import type { UpdateExpression } from './update-expression.ts';

/** Formulas, and which values of the graph their arrays and numbers are, in the order of those. */
export interface ElementFormulas {
  readonly formulas: FormulaSet;
  readonly arrays: readonly string[];
  readonly numbers: readonly string[];
}

/** The formulas of several expressions, with what they share computed once. */
export function elementFormulas(expressions: readonly UpdateExpression[]): ElementFormulas {
  const written = new Map<UpdateExpression, Formula>();
  const arrays: string[] = [];
  const numbers: string[] = [];
  const write = (expression: UpdateExpression): Formula => {
    const before = written.get(expression);
    if (before !== undefined) return before;
    const formula = formulaOf(expression);
    written.set(expression, formula);
    return formula;
  };
  const formulaOf = (expression: UpdateExpression): Formula => {
    switch (expression.kind) {
      case 'constant':
        return constant(expression.value);
      case 'number':
        return { kind: 'number', name: `a${numbers.push(expression.value) - 1}` };
      case 'array':
        return { kind: 'array', name: `x${arrays.push(expression.value) - 1}` };
      case 'operation': {
        const [left, right] = expression.operands.map(write) as [Formula, Formula];
        return expression.operator === 'Sqrt' ? float32.root(left) : operations[expression.operator](left, right);
      }
    }
  };
  const formulas = expressions.map(write);
  return {
    formulas: { arrays: arrays.map((_, i) => `x${i}`), numbers: numbers.map((_, i) => `a${i}`), formulas },
    arrays,
    numbers,
  };
}

const operations = { Add: float32.plus, Sub: float32.minus, Mul: float32.times, Div: float32.over } as const;

/** Text that is the same for formulas that compute the same of the arrays and numbers of the same names. */
export function formulaKey({ formulas }: FormulaSet): string {
  const places = new Map<Formula, number>();
  const parts: string[] = [];
  const place = (formula: Formula): number => {
    const before = places.get(formula);
    if (before !== undefined) return before;
    const text = textOf(formula);
    const index = parts.push(text) - 1;
    places.set(formula, index);
    return index;
  };
  const textOf = (formula: Formula): string => {
    switch (formula.kind) {
      case 'array':
      case 'number':
        return formula.name;
      case 'constant':
        return Object.is(formula.value, -0) ? '-0' : String(formula.value);
      case 'root':
      case 'rounded':
        return `${formula.kind} ${place(formula.of)}`;
      case 'operation':
        return `${place(formula.left)} ${formula.operation} ${place(formula.right)}`;
    }
  };
  const results = formulas.map(place);
  return [...parts, results.join()].join(';');
}
