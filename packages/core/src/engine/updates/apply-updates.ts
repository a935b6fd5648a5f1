/** Computes updates element by element and writes them where they belong, after the graph has run. */
import type { HostTensor } from '../../contracts/tensors.ts';
import type { CompiledFormulas } from '../../elements/compiled-formulas.ts';
import type { FormulaMemory } from '../../elements/formula-memory.ts';
import { planFormulas } from '../../elements/formula-runtime.ts';
import type { FormulaSet } from '../../elements/formula.ts';
import type { RuntimeStore } from '../runtime-store.ts';
import { formulaKey } from './element-formulas.ts';
import type { ElementUpdate, UpdateOperand } from './element-update.ts';
import { memoryOf } from './update-memory.ts';

/** What a run has for the operands of updates. */
interface UpdateOperands {
  readonly stores: Readonly<Record<string, RuntimeStore>>;
  readonly inputs: Readonly<Record<string, HostTensor['data']>>;
  /** Results of the graph, by their names there. */
  readonly results: (name: string) => HostTensor['data'];
}

/** An update, ready to be computed. */
export interface PlannedUpdate {
  /** Computes it in place. */
  apply(operands: UpdateOperands): void;
  /** The line of user code it came from, where lines are recorded. */
  readonly source: string | undefined;
}

type PlannedFormulas = Pick<CompiledFormulas, 'run'> & Partial<CompiledFormulas>;

/** Plans updates; those with the same formulas share what is compiled. */
export function planUpdates(updates: readonly ElementUpdate[]): readonly PlannedUpdate[] {
  const planned = new Map<FormulaMemory | undefined, Map<string, PlannedFormulas>>();
  /** The formulas in the memory that the targets lie in now: functions over the same stores may have moved them. */
  const runIn = (memory: FormulaMemory | undefined, key: string, formulas: FormulaSet): PlannedFormulas => {
    const runs = planned.get(memory) ?? new Map<string, PlannedFormulas>();
    planned.set(memory, runs);
    const run = runs.get(key) ?? memory?.plan(formulas) ?? { run: planFormulas(formulas) };
    runs.set(key, run);
    return run;
  };
  return updates.map(({ length, formulas, arrays, numbers, targets, source }) => {
    const key = formulaKey(formulas);
    /** The update with all that does not change from run to run, while its arrays stay where they are. */
    let bound: { readonly over: readonly Float32Array[]; compute(numbers: readonly number[]): void } | undefined;
    const apply = (operands: UpdateOperands) => {
      const read = arrays.map((operand) => valuesOf(operand, operands) as Float32Array);
      const factors = numbers.map((operand) => valuesOf(operand, operands)[0]!);
      const into = targets.map(({ store, tensor }) => operands.stores[store]!.overwrite(tensor) as Float32Array);
      const over = [...read, ...into];
      if (bound === undefined || bound.over.some((array, index) => array !== over[index])) {
        const { run, bind } = runIn(memoryOf(into[0]!), key, formulas);
        const copying = (values: readonly number[]) => void run(read, values, length, into);
        bound = { over, compute: bind?.(read, length, into) ?? copying };
      }
      bound.compute(factors);
    };
    return { apply, source };
  });
}

function valuesOf(operand: UpdateOperand, { stores, inputs, results }: UpdateOperands): HostTensor['data'] {
  switch (operand.from) {
    case 'graph':
      return results(operand.name);
    case 'input':
      return inputs[operand.input]!;
    case 'store':
      return stores[operand.store]!.values(operand.tensor);
  }
}
