/**
 * The compiled engine: traces tensor functions to ONNX graphs and runs them with ONNX Runtime on the CPU. Values stay
 * in JavaScript typed arrays that the runtime reads and writes in place; every result is double-buffered, so a run
 * never writes into an array that it reads. What was compiled is kept on disk for the next process where that saves
 * time, and functions that are the same graph share one session.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type * as ort from 'onnxruntime-node';
import type { CompiledFunction, CompileOptions, Engine, TensorFunction, WeightFormat } from '../contracts/engine.ts';
import { planBindings } from './binding-plan.ts';
import { defaultEngineCache, type EngineCache } from './cache-folder.ts';
import { disposedEngine, runtimeFailure } from './compiled-failure.ts';
import { createCompiledFunction } from './compiled-function.ts';
import { CompiledStore } from './compiled-store.ts';
import { createSession } from './create-session.ts';
import { type EngineProfile, type RecordedRun, summarizeRuns } from './engine-profile.ts';
import { createDownload } from './device-download.ts';
import { createDeviceStore } from './device-store.ts';
import {
  checkProvider,
  describeProvider,
  type ExecutionProvider,
  providerGraph,
  providerReady,
} from './execution-provider.ts';
import { digest, graphKey } from './graph-key.ts';
import { createModelCache } from './model-cache.ts';
import { encodeOnnx } from './onnx/encode-onnx.ts';
import type { OnnxGraph } from './onnx/graph.ts';
import { storeWeights } from './onnx/store-weights.ts';
import { createProfiledSession, type ProfiledSession } from './profiled-session.ts';
import type { RuntimeStore } from './runtime-store.ts';
import { createSessionPool, type SharedSession } from './session-pool.ts';
import { compilationSettings, runtimeVersion, sessionOptions, worthCaching } from './session-settings.ts';
import { mapEntries, traceFunction } from './trace/trace-function.ts';
import { compiledWeightFormat } from './weight-format.ts';

/** Settings of {@link createCompiledEngine}. */
export interface CompiledEngineOptions {
  /** Threads inside one operator, for functions with work enough to share; default: every core. */
  readonly threads?: number;
  /**
   * Where functions run: `cpu` (default), `webgpu` (a graphics processor, from the same package) or `cuda` (an NVIDIA
   * GPU, with libraries that are installed apart). What a provider lacks runs on the processor. See docs/engines.md.
   */
  readonly provider?: ExecutionProvider;
  /**
   * Where compiled functions are kept between processes; default: a folder of this user, see
   * {@link defaultEngineCache}. A folder that cannot be written to is as good as `none`.
   */
  readonly cache?: EngineCache;
  /** `operators` records the time of every node that runs, for {@link CompiledEngine.profile}; default `none`. */
  readonly profile?: 'none' | 'operators';
}

/** The compiled engine, with what others have not. */
export interface CompiledEngine extends Engine {
  /**
   * Ends the recording of the functions compiled so far and says where their time went. Without
   * `profile: 'operators'` nothing was recorded, and the profile has no functions.
   */
  profile(): Promise<EngineProfile>;
}

/**
 * Creates the compiled engine. Throws `engine.unavailable` where this machine cannot have the provider; where that shows
 * only when its device is used, compiling the first function does.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { createCompiledEngine } from '@transfuse/core/engine';
 * const engine = createCompiledEngine();
 * const twice = await engine.compile((_, { x }) => ({ outputs: { y: tf.add(x!, x!) } }), {
 *   name: 'twice',
 *   inputs: { x: { shape: [2], dtype: 'float32' } },
 * });
 * const { y } = await twice.run({ x: Float32Array.of(1, 2) });
 * console.assert(y?.data[1] === 4);
 * await engine.dispose();
 * ```
 */
export function createCompiledEngine(options: CompiledEngineOptions = {}): CompiledEngine {
  const { threads = availableParallelism(), cache: place = defaultEngineCache(), profile = 'none' } = options;
  const { provider = 'cpu' } = options;
  checkProvider(provider);
  const cache = place === 'none' ? undefined : createModelCache({ folder: join(place.folder, 'compiled') });
  const pool = createSessionPool<ort.InferenceSession>();
  const functions = new Set<CompiledFunction>();
  const recordings: { readonly name: string; readonly recording: ProfiledSession }[] = [];
  let disposed = false;
  let last: Promise<unknown> = Promise.resolve();
  /** One run at a time: the next one reads what this one has written. */
  const inTurn = <Result>(act: () => Promise<Result>): Promise<Result> => {
    const mine = last.then(act);
    last = mine.catch(() => undefined);
    return mine;
  };

  const transfer = createDownload(provider);

  /** A session of its own that records, or a share in the session of this graph. The graph is encoded before it returns. */
  const acquire = async (
    traced: OnnxGraph,
    weights: WeightFormat,
    digestOf: (bytes: Uint8Array) => string,
    onDevice: ReadonlySet<string>,
  ): Promise<SharedSession<Pick<ort.InferenceSession, 'run' | 'release'>>> => {
    const graph = providerGraph(traced, provider);
    const settings = sessionOptions(graph, threads, { provider, onDevice });
    const encode = () => encodeOnnx(storeWeights(graph, { weights }));
    if (profile === 'operators') {
      const recording = await createProfiledSession(graph, encode(), settings);
      recordings.push({ name: graph.name, recording });
      const { session } = recording;
      return { session, release: () => recording.runs().then(() => session.release()) };
    }
    const key = graphKey(graph, { ...compilationSettings(settings), weights }, digestOf);
    const cached = cache !== undefined && worthCaching(graph, provider) ? { cache, key, name: graph.name } : undefined;
    return pool.acquire(key, () => createSession(encode(), settings, cached));
  };

  return {
    name: 'compiled',
    description: `ONNX Runtime ${runtimeVersion}, ${describeProvider(provider, threads)}`,
    createStore(tensors) {
      if (disposed) throw disposedEngine();
      return provider === 'webgpu' ? createDeviceStore(tensors, { ...transfer, inTurn }) : new CompiledStore(tensors);
    },
    async compile(run, compileOptions) {
      if (disposed) throw disposedEngine();
      await providerReady(provider);
      const { name, inputs } = compileOptions;
      const weights = compiledWeightFormat(compileOptions);
      const stores = (compileOptions.stores ?? {}) as Readonly<Record<string, RuntimeStore>>;
      for (const store of compileOptions.frozen ?? []) await stores[store]?.settle();
      const { graph, digestOf } = trace(run, compileOptions, profile === 'operators' ? 'recorded' : 'none');
      const plan = planBindings(graph, stores);
      const onDevice = new Set(
        plan.updates.filter(({ store, tensor }) => stores[store]!.target(tensor) === null).map((update) => update.name),
      );
      const { session, release } = await acquire(graph, weights, digestOf, onDevice).catch((cause: unknown) => {
        throw runtimeFailure(name, cause);
      });
      const compiled = createCompiledFunction({
        name,
        inputs,
        stores,
        plan,
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
    async profile() {
      const runs = new Map<string, RecordedRun[]>();
      for (const { name, recording } of recordings) {
        const recorded = await inTurn(() => recording.runs());
        runs.set(name, [...(runs.get(name) ?? []), ...recorded]);
      }
      return summarizeRuns(runs);
    },
    async dispose() {
      disposed = true;
      await Promise.all([...functions].map((compiled) => compiled.dispose()));
      await inTurn(() => transfer.dispose());
    },
  };
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
  const digests = new Map<ArrayBufferLike, () => string>();
  const constants = Object.fromEntries(
    Object.entries(stores)
      .filter(([store]) => frozen.includes(store))
      .map(([store, held]) => [
        store,
        mapEntries(held.specs, (_, tensor) => {
          const value = held.borrow(tensor);
          digests.set(value.data.buffer, () => held.digest(tensor));
          return value;
        }),
      ]),
  );
  const specs = mapEntries(stores, (store) => store.specs);
  const graph = traceFunction(run, { name, inputs, stores: specs, constants, lines });
  return { graph, digestOf: (bytes) => digests.get(bytes.buffer)?.() ?? digest(bytes) };
}
