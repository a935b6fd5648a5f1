/** Which values of a traced graph are the caller's inputs and outputs, and which belong to stores. */
import type { TensorStore } from '../contracts/engine.ts';
import type { TensorSpec } from '../contracts/tensors.ts';
import { checkStoreUpdate } from './check-feed.ts';
import type { OnnxGraph, OnnxValue } from './onnx/graph.ts';

/** Graph values by their role; `name` is always the name in the graph. */
export interface BindingPlan {
  readonly inputs: readonly { readonly name: string; readonly input: string }[];
  readonly reads: readonly { readonly name: string; readonly store: string; readonly tensor: string }[];
  readonly outputs: readonly (TensorSpec & { readonly name: string; readonly output: string })[];
  readonly updates: readonly { readonly name: string; readonly store: string; readonly tensor: string }[];
}

/** Reads the plan from the names that tracing gives. Throws `engine.feed-mismatch` for an update no store can take. */
export function planBindings(graph: OnnxGraph, stores: Readonly<Record<string, TensorStore>>): BindingPlan {
  const plan = { inputs: [], reads: [], outputs: [], updates: [] } as {
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
    else {
      const [store, tensor] = split(rest);
      checkStoreUpdate(store, stores[store]?.specs, tensor, value);
      plan.updates.push({ name, store, tensor });
    }
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
