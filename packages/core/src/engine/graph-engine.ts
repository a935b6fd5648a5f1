/**
 * The compiled engine without its runtime: traces tensor functions to graphs, binds their values to stores and inputs, and
 * runs them one at a time. Opening a session for a graph, and what a store's values lie in, are handed in; see
 * `compiled-engine.ts` for Node.js and `web/browser-engine.ts` for browsers.
 */
import type {
  CompiledFunction,
  CompileOptions,
  Engine,
  TensorFunction,
  TensorStore,
  WeightFormat,
} from '../contracts/engine.ts';
import type { HostTensor } from '../contracts/tensors.ts';
import { formulaRuntime } from '../elements/formula-runtime.ts';
import { checkUpdates, planBindings } from './binding-plan.ts';
import { checkCompileOptions, checkOwnStores } from './check-compile.ts';
import { checkStoreTensors } from './check-feed.ts';
import { disposedEngine, compileFailure } from './compiled-failure.ts';
import { createCompiledFunction } from './compiled-function.ts';
import { digest } from './digest.ts';
import type { InTurn } from './in-turn.ts';
import type { OnnxGraph } from './onnx/graph.ts';
import type { RuntimeSession, TensorRuntime } from './onnx-runtime.ts';
import type { RuntimeStore } from './runtime-store.ts';
import type { SharedSession } from './session-pool.ts';
import { mapEntries, traceFunction } from './trace/trace-function.ts';
import { planUpdates } from './updates/apply-updates.ts';
import type { ElementUpdate } from './updates/element-update.ts';
import { settleUpdates } from './updates/update-memory.ts';
import { type SplitGraph, splitUpdates } from './updates/split-updates.ts';
import { compiledWeightFormat } from './weight-format.ts';

/** A traced graph that is to be run. */
export interface SessionRequest {
  readonly graph: OnnxGraph;
  /** How constant matrices are stored. */
  readonly weights: WeightFormat;
  /** The digest of a constant's bytes, which may be known already. */
  readonly digestOf: (bytes: Uint8Array) => string;
  /** Results that stay on the runtime's device. */
  readonly onDevice: ReadonlySet<string>;
}

/** What the engine is put together from. */
export interface GraphEngineParts {
  readonly description: string;
  readonly runtime: TensorRuntime;
  /** Runs one thing after another, as the runtime needs it. */
  readonly inTurn: InTurn;
  /** Whether graphs carry the source lines of their nodes. */
  readonly lines: 'recorded' | 'none';
  /** Resolves once functions can be compiled; rejects with `engine.unavailable`. */
  ready(): Promise<void>;
  createStore(tensors: Readonly<Record<string, HostTensor>>): RuntimeStore;
  /** A share in a session for a graph, whose constants are read before the call returns. */
  open(request: SessionRequest): Promise<SharedSession<RuntimeSession>>;
  /** Releases what belongs to the engine itself; called in turn, when its functions are gone. */
  release(): Promise<void>;
}

/** Puts an engine together. */
export function createGraphEngine(parts: GraphEngineParts): Engine {
  const { description, runtime, inTurn, lines } = parts;
  /** Updates ready to be computed; throws for a store that was disposed of meanwhile. */
  const bind = (updates: readonly ElementUpdate[], stores: Readonly<Record<string, RuntimeStore>>) => {
    if (!runtime.writesInPlace) return { updates: planUpdates(updates), operands: new Map<string, Float32Array>() };
    const operands = settleUpdates(updates, stores);
    return { updates: planUpdates(updates), operands };
  };
  const functions = new Set<CompiledFunction>();
  let disposed = false;
  return {
    name: 'compiled',
    description,
    createStore(tensors): TensorStore {
      if (disposed) throw disposedEngine();
      checkStoreTensors(tensors);
      return parts.createStore(tensors);
    },
    async compile(run, compileOptions) {
      const checkLive = () => {
        if (disposed) throw disposedEngine();
      };
      checkLive();
      checkCompileOptions(compileOptions);
      checkOwnStores(compileOptions, (store) => 'current' in store, 'compiled');
      const { name, inputs } = compileOptions;
      const weights = compiledWeightFormat(compileOptions);
      await parts.ready();
      const stores = (compileOptions.stores ?? {}) as Readonly<Record<string, RuntimeStore>>;
      for (const store of compileOptions.frozen ?? []) await stores[store]!.settle();
      checkLive();
      const { graph: traced, digestOf } = trace(run, compileOptions, lines);
      checkUpdates(traced, compileOptions);
      const { graph, updates } = split(traced, stores);
      const plan = planBindings(graph);
      const onDevice = new Set(
        plan.updates.filter(({ store, tensor }) => stores[store]!.onDevice(tensor)).map((update) => update.name),
      );
      const { session, release } = await parts.open({ graph, weights, digestOf, onDevice }).catch((cause: unknown) => {
        throw compileFailure(name, cause);
      });
      let bound: ReturnType<typeof bind>;
      try {
        checkLive(); // nothing is waited for from here on until the engine knows the function
        bound = bind(updates, stores);
      } catch (error) {
        await inTurn(release).catch(() => undefined); // the first failure is the one to tell
        throw error;
      }
      const compiled = createCompiledFunction({
        name,
        inputs,
        stores,
        plan,
        ...bound,
        runtime,
        // Where results stay on a device, the runtime makes all of them anew.
        inPlace: runtime.writesInPlace && onDevice.size === 0,
        session,
        inTurn,
        async release() {
          functions.delete(compiled);
          await release();
        },
      });
      functions.add(compiled);
      return compiled;
    },
    async dispose() {
      disposed = true;
      await Promise.all([...functions].map((compiled) => compiled.dispose()));
      await inTurn(() => parts.release());
    },
  };
}

/**
 * Takes out of a graph what is better computed in JavaScript memory, where there is something to compute it with. A store
 * under two names would seem two, and a graph must have something left to give.
 */
function split(graph: OnnxGraph, stores: Readonly<Record<string, RuntimeStore>>): SplitGraph {
  const whole: SplitGraph = { graph, updates: [] };
  const all = Object.values(stores);
  if (formulaRuntime() === 'javascript' || new Set(all).size < all.length) return whole;
  const parts = splitUpdates(graph, ({ store, tensor }) => !stores[store]!.onDevice(tensor));
  return parts.graph.outputs.length > 0 ? parts : whole;
}

/**
 * Records a function as a graph. Constants that are a frozen store's are the store's own arrays until the graph is
 * encoded, and the store knows their digests.
 */
function trace(
  run: TensorFunction,
  { name, inputs, stores: given = {}, frozen = [] }: CompileOptions,
  lines: 'recorded' | 'none',
): { readonly graph: OnnxGraph; readonly digestOf: (bytes: Uint8Array) => string } {
  const stores = given as Readonly<Record<string, RuntimeStore>>;
  const digests = new Map<ArrayBufferLike, Map<number, () => string>>(); // by where in the buffer they begin
  const constants = Object.fromEntries(
    Object.entries(stores)
      .filter(([store]) => frozen.includes(store))
      .map(([store, held]) => [
        store,
        mapEntries(held.specs, (_, tensor) => {
          const value = held.borrow(tensor);
          const { buffer, byteOffset } = value.data;
          digests.set(
            buffer,
            (digests.get(buffer) ?? new Map()).set(byteOffset, () => held.digest(tensor)),
          );
          return value;
        }),
      ]),
  );
  const specs = mapEntries(stores, (store) => store.specs);
  const graph = traceFunction(run, { name, inputs, stores: specs, constants, lines });
  return { graph, digestOf: (bytes) => digests.get(bytes.buffer)?.get(bytes.byteOffset)?.() ?? digest(bytes) };
}
