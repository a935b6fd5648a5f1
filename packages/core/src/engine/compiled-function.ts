/**
 * A compiled function as its caller sees it: feeds the session with the caller's arrays and the stores' tensors, and
 * lets it write results into arrays of the function, of which it has two sets, and updates into the spares of the stores.
 * Updates that are computed apart from the graph come after it, in place.
 */
import type { CompiledFunction } from '../contracts/engine.ts';
import type { TensorSpec } from '../contracts/tensors.ts';
import type { BindingPlan } from './binding-plan.ts';
import { checkFeed, checkKnownInputs } from './check-feed.ts';
import { disposedFunction, runFailure } from './compiled-failure.ts';
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
  /** Whether a run writes into the tensors that it is given. */
  readonly inPlace: boolean;
  readonly session: Pick<RuntimeSession, 'run' | 'note'>;
  readonly inTurn: InTurn;
  /** Ends the function's share in the session; called once, in turn, when no result of it is held on a device. */
  readonly release: () => Promise<void>;
}

/** Puts a function together. */
export function createCompiledFunction(parts: CompiledFunctionParts): CompiledFunction {
  const { name, inputs: specs, stores, plan, updates, runtime, inPlace, session, inTurn, release } = parts;
  const operands = plan.operands.map(({ name: value, dtype, shape }) => {
    const array = parts.operands.get(value);
    if (!inPlace) return { value, tensor: null };
    return { value, tensor: array ? runtime.tensor(dtype, shape, array) : emptyTensor(runtime, dtype, shape) };
  });
  const outputs = createTwoSets(() =>
    plan.outputs.map(({ name: value, dtype, shape }) => ({
      value,
      tensor: inPlace ? emptyTensor(runtime, dtype, shape) : null,
    })),
  );
  const lease = createSessionLease(release);
  let disposed = false;
  /** Runs that were called and have not ended. */
  let pending = 0;

  const runNow: CompiledFunction['run'] = async (inputs) => {
    if (disposed) throw disposedFunction(name);
    checkKnownInputs(name, specs, inputs);
    for (const [input, spec] of Object.entries(specs)) checkFeed(name, input, spec, inputs[input]);
    const targets = [...outputs.next(), ...operands];
    const written = new Set(targets.map(({ tensor }) => (tensor?.data as Float32Array | undefined)?.buffer));
    const feeds: Record<string, RuntimeTensor> = {};
    for (const { name: value, input } of plan.inputs) {
      const spec = specs[input]!;
      const data = inputs[input]!;
      // An older result of this function may lie where this run writes.
      feeds[value] = runtime.tensor(spec.dtype, spec.shape, written.has(data.buffer) ? data.slice() : data);
    }
    for (const { name: value, store, tensor } of plan.reads) feeds[value] = stores[store]!.current(tensor);
    const fetches: Record<string, RuntimeTensor | null> = {};
    for (const { value, tensor } of targets) fetches[value] = tensor;
    for (const { name: value, store, tensor } of plan.updates) {
      fetches[value] = inPlace ? stores[store]!.target(tensor) : null;
    }
    const ran = await session.run(feeds, fetches).catch((cause: unknown) => {
      throw runFailure(name, cause);
    });
    outputs.turn();
    // The runtime hands out copies of what it was given to write into, which nobody should hold on to.
    const result = (value: string) => fetches[value] ?? ran[value]!;
    const given = { stores, inputs, results: (value: string) => result(value).data as Float32Array };
    for (const { apply, source } of updates) {
      const start = performance.now();
      apply(given);
      session.note?.('ElementUpdate', source, 1000 * (performance.now() - start));
    }
    for (const { name: value, store, tensor } of plan.updates) {
      stores[store]!.take(tensor, result(value), lease.hold());
    }
    const isReused = inPlace && pending > 2; // the run after the next one, which writes here again, has been called
    return Object.fromEntries(
      plan.outputs.map(({ name: value, output, shape, dtype }) => {
        const data = result(value).data as Float32Array;
        return [output, { shape, dtype, data: isReused ? data.slice() : data }];
      }),
    );
  };

  return {
    name,
    async run(inputs) {
      pending++;
      try {
        return await inTurn(() => runNow(inputs));
      } finally {
        pending--;
      }
    },
    async dispose() {
      if (disposed) return;
      disposed = true;
      await inTurn(() => lease.end());
    },
  };
}

/** Two sets of something, each made when it is first asked for: the next one, until it is its turn no longer. */
function createTwoSets<Thing>(make: () => Thing): { next(): Thing; turn(): void } {
  const made: Thing[] = [];
  let index = 0;
  return {
    next: () => (made[index] ??= make()),
    turn() {
      index = 1 - index;
    },
  };
}
