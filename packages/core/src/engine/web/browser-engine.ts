/**
 * The compiled engine in a browser, on a page or in a worker: the same traced graphs as in Node.js, run by onnxruntime-web
 * in WebAssembly or through WebGPU. There is no disk, so nothing compiled outlives the page.
 */
import type { Engine } from '../../contracts/engine.ts';
import type { Logger } from '../../contracts/logger.ts';
import { TransfuseError } from '../../errors/index.ts';
import { checkThreads } from '../check-threads.ts';
import { CompiledStore } from '../compiled-store.ts';
import { createDownload } from '../device-download.ts';
import { createDeviceStore } from '../device-store.ts';
import { createGraphEngine } from '../graph-engine.ts';
import { graphKey } from '../graph-key.ts';
import { encodeOnnx } from '../onnx/encode-onnx.ts';
import type { RuntimeSession } from '../onnx-runtime.ts';
import { storeWeights } from '../onnx/store-weights.ts';
import { createSessionPool } from '../session-pool.ts';
import { webgpuGraph } from '../webgpu-graph.ts';
import { type BrowserPlace, chooseThreads, graphicsAdapter } from './browser-place.ts';
import type { BrowserProvider, WasmPaths } from './web-module.ts';
import { webRuntime, type WebRuntime } from './web-runtime.ts';

/** Settings of {@link createBrowserEngine}. */
export interface BrowserEngineOptions {
  /** Where functions run: `wasm` (default) or `webgpu`. What a graphics processor cannot run, WebAssembly does. */
  readonly provider?: BrowserProvider;
  /**
   * Threads of WebAssembly, at least 1; default: half the processors, at most 4. A page that is not cross-origin isolated
   * gets one, and the engine's description says so. The first engine of a page decides for all of the same provider.
   */
  readonly threads?: number;
  /** Where the `.wasm` files of onnxruntime-web lie; default: beside its code, where bundlers put them. */
  readonly wasmPaths?: WasmPaths;
  /** Stops the waiting for the runtime, with `engine.aborted`; what is being fetched is fetched to its end. */
  readonly signal?: AbortSignal;
  /** Told what was chosen, and at `warn` that threads are to be had with other headers. Default: nobody. */
  readonly logger?: Logger;
}

/**
 * Creates the compiled engine in a browser. Throws `config.invalid` for settings out of range, `engine.unavailable` where the
 * package onnxruntime-web, its files or a graphics processor is missing, and `engine.aborted`.
 *
 * @example
 * ```ts no-run needs a browser
 * import * as tf from '@tensorflow/tfjs-core';
 * import { createBrowserEngine } from '@transfuse/core/engine/web';
 * const engine = await createBrowserEngine({ provider: 'wasm', threads: 2 });
 * const twice = await engine.compile((_, { x }) => ({ outputs: { y: tf.add(x!, x!) } }), {
 *   name: 'twice',
 *   inputs: { x: { shape: [2], dtype: 'float32' } },
 * });
 * const { y } = await twice.run({ x: Float32Array.of(1, 2) });
 * console.assert(y?.data[1] === 4);
 * await engine.dispose();
 * ```
 */
export async function createBrowserEngine(options: BrowserEngineOptions = {}): Promise<Engine> {
  const { provider = 'wasm', wasmPaths, signal, logger } = options;
  checkOptions(provider, options.threads);
  const place = globalThis as unknown as BrowserPlace;
  const adapter = provider === 'webgpu' ? await graphicsAdapter(place) : undefined;
  if (provider === 'webgpu' && adapter === undefined) throw noAdapter(place);
  const runtime = await withSignal(
    signal,
    webRuntime(provider, {
      threads: chooseThreads(place, options.threads),
      ...(wasmPaths !== undefined && { wasmPaths }),
    }).catch((cause: unknown) => {
      throw cause instanceof TransfuseError ? cause : notStarted(provider, cause);
    }),
  );
  const engine = assemble(runtime, provider, adapter);
  logger?.info(`engine: ${engine.name} (${engine.description})`);
  if (runtime.threads.reason !== undefined) {
    logger?.warn(`engine: one thread only, because ${runtime.threads.reason} (see docs/browser.md)`);
  }
  return engine;
}

function assemble(runtime: WebRuntime, provider: BrowserProvider, adapter: string | undefined): Engine {
  const { version, threads, inTurn } = runtime;
  const pool = createSessionPool<RuntimeSession>();
  const transfer = createDownload((graph) => runtime.createSession(graph));
  const counted = `${threads.threads} thread${threads.threads === 1 ? '' : 's'}`;
  const why = threads.reason === undefined ? '' : ` (${threads.reason})`;
  return createGraphEngine({
    description: `ONNX Runtime ${version}, ${provider}${adapter === undefined ? '' : `, ${adapter}`}, ${counted}${why}`,
    runtime,
    inTurn,
    lines: 'none',
    ready: async () => undefined,
    createStore: (tensors) =>
      provider === 'webgpu'
        ? createDeviceStore(tensors, { runtime, inTurn, ...transfer })
        : new CompiledStore(tensors, runtime),
    async open({ graph: traced, weights, digestOf, onDevice }) {
      const graph = provider === 'webgpu' ? webgpuGraph(traced) : traced;
      const settings = { provider, weights, onDevice: [...onDevice].toSorted().join() };
      return pool.acquire(graphKey(graph, settings, digestOf), () => {
        const stored = storeWeights(graph, { weights });
        const encoded = encodeOnnx(stored); // before the turn comes: constants are borrowed
        return inTurn(() => runtime.createSession(stored, { encoded, onDevice }));
      });
    },
    release: () => transfer.dispose(),
  });
}

function checkOptions(provider: unknown, threads: unknown): void {
  if (provider !== 'wasm' && provider !== 'webgpu') {
    throw new TransfuseError({
      code: 'config.invalid',
      place: 'browser engine, provider',
      found: typeof provider === 'string' ? `"${provider}"` : typeof provider,
      expected: '"wasm" or "webgpu"',
      mend: 'Write one of them, or leave the option out.',
    });
  }
  checkThreads('browser engine', threads);
}

/** The result, or an error as soon as the signal says so. */
async function withSignal<Result>(signal: AbortSignal | undefined, result: Promise<Result>): Promise<Result> {
  if (signal === undefined) return result;
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () =>
      reject(
        new TransfuseError({
          code: 'engine.aborted',
          place: 'browser engine',
          found: 'an AbortSignal that said stop',
          expected: 'to be let load the runtime',
          mend: 'Create the engine again when it is wanted.',
          cause: signal.reason,
        }),
      );
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([aborted, result]);
  } finally {
    signal.removeEventListener('abort', stop);
    result.catch(() => undefined); // nobody is left to hear of it
  }
}

function noAdapter({ navigator }: BrowserPlace): TransfuseError {
  return new TransfuseError({
    code: 'engine.unavailable',
    place: 'browser engine, provider webgpu',
    found: navigator?.gpu === undefined ? 'no navigator.gpu' : 'a navigator.gpu that gives no adapter',
    expected: 'a browser with WebGPU, a page served over HTTPS or from localhost, and a graphics processor it may use',
    mend: 'Choose provider "wasm", which runs everywhere.',
  });
}

function notStarted(provider: BrowserProvider, cause: unknown): TransfuseError {
  return new TransfuseError({
    code: 'engine.unavailable',
    place: `browser engine, provider ${provider}`,
    found: `that onnxruntime-web does not start (${String(cause instanceof Error ? cause.message : cause).split('\n')[0]})`,
    expected: 'its .wasm files where the page can fetch them',
    mend: 'Serve the files of onnxruntime-web/dist and name their folder in `wasmPaths`; then load the page again.',
    cause,
  });
}
