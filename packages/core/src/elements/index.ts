export {
  type Arithmetic,
  constant,
  float32,
  float64,
  type Formula,
  type FormulaRun,
  type FormulaSet,
  type Operation,
  rounded,
} from './formula.ts';
export { formulaRuntime, type FormulaRuntime, planFormulas } from './formula-runtime.ts';
