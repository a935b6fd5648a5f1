/**
 * A compiled function as its caller sees it: feeds the session with the caller's arrays and the stores' tensors, and
 * lets it write results into arrays of the function and updates into the spares of the stores. Updates that are computed
 * apart from the graph come after it, in place.
 */
import type { CompiledFunction } from '../contracts/engine.ts';
import type { TensorSpec } from '../contracts/tensors.ts';
import type { BindingPlan } from './binding-plan.ts';
import { checkFeed, checkKnownInputs } from './check-feed.ts';
import { disposedFunction, runtimeFailure } from './compiled-failure.ts';
import { emptyTensor } from './compiled-store.ts';
import type { InTurn } from './in-turn.ts';
import type { RuntimeSession, RuntimeTensor, TensorRuntime } from './onnx-runtime.ts';
import type { RuntimeStore } from './runtime-store.ts';
import { createSessionLease } from './session-lease.ts';
import type { PlannedUpdate } from './updates/apply-updates.ts';

/** What a compiled function is made of. */
export interface CompiledFunctionParts {
  readonly name: string;
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  readonly stores: Readonly<Record<string, RuntimeStore>>;
  readonly plan: BindingPlan;
  /** Updates that the graph does not compute. */
  readonly updates: readonly PlannedUpdate[];
  /** Arrays for values of the graph that updates read, where it matters which. */
  readonly operands: ReadonlyMap<string, Float32Array>;
  readonly runtime: TensorRuntime;
  readonly session: Pick<RuntimeSession, 'run' | 'note'>;
  readonly inTurn: InTurn;
  /** Ends the function's share in the session; called once, in turn, when no result of it is held on a device. */
  readonly release: () => Promise<void>;
}

/** Puts a function together. */
export function createCompiledFunction(parts: CompiledFunctionParts): CompiledFunction {
  const { name, inputs: specs, stores, plan, updates, runtime, session, inTurn, release } = parts;
  const results = plan.outputs.map((output) => ({
    ...output,
    tensor: runtime.writesInPlace ? emptyTensor(runtime, output.dtype, output.shape) : null,
  }));
  const operands = plan.operands.map(({ name: value, dtype, shape }) => {
    const array = parts.operands.get(value);
    if (array !== undefined) return { name: value, tensor: runtime.tensor(dtype, shape, array) };
    return { name: value, tensor: runtime.writesInPlace ? emptyTensor(runtime, dtype, shape) : null };
  });
  const lease = createSessionLease(release);
  let disposed = false;

  const runNow: CompiledFunction['run'] = async (inputs) => {
    if (disposed) throw disposedFunction(name);
    checkKnownInputs(name, specs, inputs);
    for (const [input, spec] of Object.entries(specs)) checkFeed(name, input, spec, inputs[input]);
    const feeds: Record<string, RuntimeTensor> = {};
    for (const { name: value, input } of plan.inputs) {
      const spec = specs[input]!;
      feeds[value] = runtime.tensor(spec.dtype, spec.shape, inputs[input]!);
    }
    for (const { name: value, store, tensor } of plan.reads) feeds[value] = stores[store]!.current(tensor);
    const fetches: Record<string, RuntimeTensor | null> = {};
    for (const { name: value, tensor } of [...results, ...operands]) fetches[value] = tensor;
    for (const { name: value, store, tensor } of plan.updates) fetches[value] = stores[store]!.target(tensor);
    const ran = await session.run(feeds, fetches).catch((cause: unknown) => {
      throw runtimeFailure(name, cause);
    });
    const given = { stores, inputs, results: (value: string) => ran[value]!.data as Float32Array };
    for (const { apply, source } of updates) {
      const start = performance.now();
      apply(given);
      session.note?.('ElementUpdate', source, 1000 * (performance.now() - start));
    }
    for (const { name: value, store, tensor } of plan.updates) {
      stores[store]!.take(tensor, ran[value]!, lease.hold());
    }
    return Object.fromEntries(
      // What the runtime returns is what it was given to write into, unless results of the run stay on a device.
      results.map(({ name: value, output, shape, dtype }) => [
        output,
        { shape, dtype, data: ran[value]!.data as Float32Array },
      ]),
    );
  };

  return {
    name,
    run: (inputs) => inTurn(() => runNow(inputs)),
    async dispose() {
      if (disposed) return;
      disposed = true;
      await inTurn(() => lease.end());
    },
  };
}
