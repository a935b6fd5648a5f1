/** Which values of a traced graph are the caller's inputs and outputs, and which belong to stores. */
import type { CompileOptions } from '../contracts/engine.ts';
import type { TensorSpec } from '../contracts/tensors.ts';
import { checkUpdate } from './check-compile.ts';
import type { OnnxGraph, OnnxValue } from './onnx/graph.ts';

/** Graph values by their role; `name` is always the name in the graph. */
export interface BindingPlan {
  readonly inputs: readonly { readonly name: string; readonly input: string }[];
  readonly reads: readonly { readonly name: string; readonly store: string; readonly tensor: string }[];
  readonly outputs: readonly (TensorSpec & { readonly name: string; readonly output: string })[];
  readonly updates: readonly { readonly name: string; readonly store: string; readonly tensor: string }[];
  /** Values under the graph's own names, that updates apart from the graph are computed from. */
  readonly operands: readonly (TensorSpec & { readonly name: string })[];
}

/** Throws `engine.feed-mismatch` for an update no store can take. */
export function checkUpdates({ outputs }: OnnxGraph, options: CompileOptions): void {
  for (const value of outputs) {
    const [head, rest] = split(value.name);
    const [store, tensor] = split(rest);
    if (head === 'update') checkUpdate(options, store, tensor, value);
  }
}

/** Reads the plan from the names that tracing gives. */
export function planBindings(graph: OnnxGraph): BindingPlan {
  const plan = { inputs: [], reads: [], outputs: [], updates: [], operands: [] } as {
    -readonly [Role in keyof BindingPlan]: BindingPlan[Role][number][];
  };
  for (const { name } of graph.inputs) {
    const [head, rest] = split(name);
    if (head === 'input') plan.inputs.push({ name, input: rest });
    else plan.reads.push({ name, store: head, tensor: rest });
  }
  for (const value of graph.outputs) {
    const { name, shape } = value;
    const [head, rest] = split(name);
    if (head === 'output') plan.outputs.push({ name, output: rest, shape, dtype: hostType(value) });
    else if (head === 'update') {
      const [store, tensor] = split(rest);
      plan.updates.push({ name, store, tensor });
    } else plan.operands.push({ name, shape, dtype: hostType(value) });
  }
  return plan;
}

/** What stands before the first slash, and after it. */
function split(name: string): readonly [string, string] {
  const slash = name.indexOf('/');
  return slash === -1 ? [name, ''] : [name.slice(0, slash), name.slice(slash + 1)];
}

/** Results are made by TensorFlow.js ops, so they have one of its types. */
function hostType({ dtype }: OnnxValue): TensorSpec['dtype'] {
  return dtype as TensorSpec['dtype'];
}
