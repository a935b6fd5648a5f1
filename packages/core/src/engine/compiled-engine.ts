/**
 * The compiled engine in Node.js: traces tensor functions to ONNX graphs and runs them with onnxruntime-node. Values stay
 * in JavaScript typed arrays that the runtime reads and writes in place; what a graph makes of a store goes into a second
 * array, so it never writes what it reads, and updates apart from the graph change the first one. What was compiled is kept on disk for the next process where that saves
 * time, and functions that are the same graph share one session.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import type { Engine } from '../contracts/engine.ts';
import { defaultEngineCache, type EngineCache } from './cache-folder.ts';
import { checkThreads } from './check-threads.ts';
import { CompiledStore } from './compiled-store.ts';
import { createSession } from './create-session.ts';
import { createDownload } from './device-download.ts';
import { createDeviceStore } from './device-store.ts';
import { type EngineProfile, type RecordedRun, summarizeRuns } from './engine-profile.ts';
import {
  checkProvider,
  describeProvider,
  type ExecutionProvider,
  providerGraph,
  providerList,
  providerReady,
} from './execution-provider.ts';
import { createGraphEngine, type SessionRequest } from './graph-engine.ts';
import { graphKey } from './graph-key.ts';
import { createTurns } from './in-turn.ts';
import { createModelCache } from './model-cache.ts';
import { nodeRuntime as runtime } from './node-runtime.ts';
import { encodeOnnx } from './onnx/encode-onnx.ts';
import { storeWeights } from './onnx/store-weights.ts';
import type { RuntimeSession } from './onnx-runtime.ts';
import { createProfiledSession, type ProfiledSession } from './profiled-session.ts';
import { createSessionPool, type SharedSession } from './session-pool.ts';
import { compilationSettings, runtimeVersion, sessionOptions, worthCaching } from './session-settings.ts';
import { unreturningSession } from './unreturned-results.ts';

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
   * Where compiled functions are kept between processes; default: a folder of the user’s. A folder that cannot be written to is as good as `none`.
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
  checkThreads('compiled engine', options.threads);
  const cache = place === 'none' ? undefined : createModelCache({ folder: join(place.folder, 'compiled') });
  const pool = createSessionPool<RuntimeSession>();
  const recordings: { readonly name: string; readonly recording: ProfiledSession }[] = [];
  const inTurn = createTurns();
  const transfer = createDownload((graph) =>
    ort.InferenceSession.create(encodeOnnx(graph), {
      executionProviders: providerList(graph, provider),
      logSeverityLevel: 4, // what goes wrong is thrown
    }),
  );

  /** A session of its own that records, or a share in the session of this graph. The graph is encoded before it returns. */
  const open = async ({
    graph: traced,
    weights,
    digestOf,
    onDevice,
  }: SessionRequest): Promise<SharedSession<RuntimeSession>> => {
    const graph = providerGraph(traced, provider);
    const settings = sessionOptions(graph, threads, { provider, onDevice });
    // Weights are stored first: which of them become smaller must not depend on the provider.
    const stored = () => (weights === 'float32' ? graph : providerGraph(storeWeights(traced, { weights }), provider));
    const encode = () => encodeOnnx(stored());
    if (profile === 'operators') {
      const recording = await createProfiledSession(graph, encode(), settings);
      recordings.push({ name: graph.name, recording });
      const { session } = recording;
      return { session, release: () => recording.runs().then(() => session.release()) };
    }
    const key = graphKey(graph, { ...compilationSettings(settings), weights }, digestOf);
    const cached = cache !== undefined && worthCaching(graph, provider) ? { cache, key, name: graph.name } : undefined;
    return pool.acquire(key, async () => unreturningSession(await createSession(encode(), settings, cached)));
  };

  const engine = createGraphEngine({
    description: `ONNX Runtime ${runtimeVersion}, ${describeProvider(provider, threads)}`,
    runtime,
    inTurn,
    lines: profile === 'operators' ? 'recorded' : 'none',
    ready: () => providerReady(provider),
    createStore: (tensors) =>
      provider === 'webgpu'
        ? createDeviceStore(tensors, { runtime, ...transfer, inTurn })
        : new CompiledStore(tensors, runtime),
    open,
    release: () => transfer.dispose(),
  });
  return {
    ...engine,
    async profile() {
      const runs = new Map<string, RecordedRun[]>();
      for (const { name, recording } of recordings) {
        const recorded = await inTurn(() => recording.runs());
        runs.set(name, [...(runs.get(name) ?? []), ...recorded]);
      }
      return summarizeRuns(runs);
    },
  };
}
