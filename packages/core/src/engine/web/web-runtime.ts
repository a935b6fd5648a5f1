/**
 * ONNX Runtime as a page or worker has it: loaded once for each provider, with the threads and paths of whoever was first,
 * because its WebAssembly has one memory and one thread pool. It does one thing at a time, whichever engine asks.
 */
import type { InTurn } from '../in-turn.ts';
import { createTurns } from '../in-turn.ts';
import { encodeOnnx, nodeName } from '../onnx/encode-onnx.ts';
import type { OnnxGraph } from '../onnx/graph.ts';
import type { RuntimeSession, TensorRuntime } from '../onnx-runtime.ts';
import { processorNodes } from '../processor-nodes.ts';
import { runTrial, trialGraph } from '../trial-graph.ts';
import type { ThreadChoice } from './browser-place.ts';
import { type BrowserProvider, loadWebModule, type WasmPaths } from './web-module.ts';

/** The runtime, ready. */
export interface WebRuntime extends TensorRuntime {
  readonly version: string;
  readonly threads: ThreadChoice;
  readonly inTurn: InTurn;
  /** Makes a session of an encoded graph; to be called in turn. */
  createSession(
    graph: OnnxGraph,
    options?: { readonly encoded?: Uint8Array; readonly onDevice?: ReadonlySet<string> },
  ): Promise<RuntimeSession>;
}

/** How the runtime is loaded, where it is not yet. */
export interface WebRuntimeOptions {
  readonly threads: ThreadChoice;
  readonly wasmPaths?: WasmPaths;
}

const loaded = new Map<BrowserProvider, Promise<WebRuntime>>();

/** The runtime of a provider. Rejects with `engine.unavailable` without the package, with its own error where it does not start. */
export function webRuntime(provider: BrowserProvider, options: WebRuntimeOptions): Promise<WebRuntime> {
  let runtime = loaded.get(provider);
  if (runtime === undefined) {
    runtime = start(provider, options);
    loaded.set(provider, runtime);
    runtime.catch(() => loaded.delete(provider)); // the next one may have better luck
  }
  return runtime;
}

async function start(provider: BrowserProvider, { threads, wasmPaths }: WebRuntimeOptions): Promise<WebRuntime> {
  const { env, InferenceSession, Tensor } = await loadWebModule(provider);
  env.wasm.numThreads = threads.threads;
  if (wasmPaths !== undefined) env.wasm.wasmPaths = wasmPaths;
  const runtime: WebRuntime = {
    version: env.versions.web ?? env.versions.common,
    threads,
    inTurn: createTurns(),
    writesInPlace: false,
    tensor: (dtype, shape, data) => new Tensor(dtype, data as never, shape),
    createSession: (graph, { encoded = encodeOnnx(graph), onDevice = new Set() } = {}) =>
      InferenceSession.create(encoded, {
        executionProviders: [providerOption(graph, provider)],
        graphOptimizationLevel: 'all',
        logSeverityLevel: 4, // what goes wrong is thrown
        ...(onDevice.size > 0 && {
          preferredOutputLocation: Object.fromEntries(
            graph.outputs.map(({ name }) => [name, onDevice.has(name) ? 'gpu-buffer' : 'cpu'] as const),
          ),
        }),
      }),
  };
  await runtime.inTurn(async () => runTrial(await runtime.createSession(trialGraph), runtime));
  return runtime;
}

/** How a session asks for a provider; what that lacks, or computes wrongly, runs in WebAssembly. */
function providerOption(graph: OnnxGraph, provider: BrowserProvider): string | Readonly<Record<string, unknown>> {
  if (provider === 'wasm') return provider;
  const forceCpuNodeNames = processorNodes(graph).map(nodeName);
  return { name: provider, ...(forceCpuNodeNames.length > 0 && { forceCpuNodeNames }) };
}
