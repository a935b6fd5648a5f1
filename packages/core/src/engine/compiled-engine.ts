/**
 * The compiled engine: traces tensor functions to ONNX graphs and runs them with ONNX Runtime on the CPU. Values stay
 * in JavaScript typed arrays that the runtime reads and writes in place; every result is double-buffered, so a run
 * never writes into an array that it reads.
 */
import { availableParallelism } from 'node:os';
import * as ort from 'onnxruntime-node';
import type { CompiledFunction, CompileOptions, Engine, TensorFunction, TensorStore } from '../contracts/engine.ts';
import type { TensorSpec } from '../contracts/tensors.ts';
import { TransfuseError } from '../errors/index.ts';
import { encodeOnnx } from './onnx/encode-onnx.ts';
import type { OnnxGraph, OnnxValue } from './onnx/graph.ts';
import { checkFeed, checkKnownInputs, checkStoreUpdate } from './check-feed.ts';
import { CompiledStore, emptyTensor, runtimeTensor } from './compiled-store.ts';
import { mapEntries, traceFunction } from './trace/trace-function.ts';

/** Runs one thing after another. */
type InTurn = <Result>(act: () => Promise<Result>) => Promise<Result>;

/** Settings of {@link createCompiledEngine}. */
export interface CompiledEngineOptions {
  /** Threads inside one operator, for functions with work enough to share; default: every core. */
  readonly threads?: number;
}

/**
 * Creates the compiled engine.
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
export function createCompiledEngine(options: CompiledEngineOptions = {}): Engine {
  const threads = options.threads ?? availableParallelism();
  const functions = new Set<CompiledFunction>();
  let disposed = false;
  let last: Promise<unknown> = Promise.resolve();
  /** One run at a time: the next one reads what this one has written. */
  const inTurn: InTurn = (act) => {
    const mine = last.then(act);
    last = mine.catch(() => undefined);
    return mine;
  };
  return {
    name: 'compiled',
    description: `ONNX Runtime ${ort.env.versions.node ?? ort.env.versions.common}, cpu, ${threads} threads`,
    createStore(tensors) {
      if (disposed) throw disposedEngine();
      return new CompiledStore(tensors);
    },
    async compile(run, compileOptions) {
      if (disposed) throw disposedEngine();
      const compiled = await compile(run, compileOptions, threads, inTurn, (ended) => functions.delete(ended));
      functions.add(compiled);
      return compiled;
    },
    async dispose() {
      disposed = true;
      await Promise.all([...functions].map((compiled) => compiled.dispose()));
    },
  };
}

async function compile(
  run: TensorFunction,
  options: CompileOptions,
  threads: number,
  inTurn: InTurn,
  onDispose: (ended: CompiledFunction) => void,
): Promise<CompiledFunction> {
  const stores = (options.stores ?? {}) as Readonly<Record<string, CompiledStore>>;
  const frozen = new Set(options.frozen ?? []);
  const graph = traceFunction(run, {
    name: options.name,
    inputs: options.inputs,
    stores: mapEntries(stores, (store) => store.specs),
    constants: Object.fromEntries(
      Object.entries(stores)
        .filter(([name]) => frozen.has(name))
        .map(([name, store]) => [name, mapEntries(store.specs, (_, tensor) => store.snapshot(tensor))]),
    ),
  });
  const plan = bind(graph, stores);
  const session = await createSession(graph, threads);
  const results = plan.outputs.map((output) => ({
    ...output,
    tensor: emptyTensor(output.dtype, output.shape),
  }));
  let disposed = false;
  const compiled: CompiledFunction = {
    name: options.name,
    run: (inputs) => inTurn(() => runNow(inputs)),
    async dispose() {
      if (disposed) return;
      disposed = true;
      onDispose(compiled);
      await inTurn(() => session.release());
    },
  };
  return compiled;

  async function runNow(inputs: Parameters<CompiledFunction['run']>[0]): ReturnType<CompiledFunction['run']> {
    if (disposed) throw disposedFunction(options.name);
    checkKnownInputs(options.name, options.inputs, inputs);
    for (const [input, spec] of Object.entries(options.inputs)) checkFeed(options.name, input, spec, inputs[input]);
    const feeds: Record<string, ort.Tensor> = {};
    for (const { name, input } of plan.inputs) {
      const spec = options.inputs[input]!;
      feeds[name] = runtimeTensor(spec.dtype, spec.shape, inputs[input]!);
    }
    for (const { name, store, tensor } of plan.reads) feeds[name] = stores[store]!.current(tensor);
    const fetches: Record<string, ort.Tensor> = {};
    for (const { name, tensor } of results) fetches[name] = tensor;
    for (const { name, store, tensor } of plan.updates) fetches[name] = stores[store]!.spare(tensor);
    try {
      await session.run(feeds, fetches);
    } catch (cause) {
      throw runtimeFailure(options.name, cause);
    }
    for (const { store, tensor } of plan.updates) stores[store]!.advance(tensor);
    return Object.fromEntries(
      results.map(({ output, shape, dtype, tensor }) => [output, { shape, dtype, data: tensor.data as Float32Array }]),
    );
  }
}

async function createSession(graph: OnnxGraph, threads: number): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(encodeOnnx(graph), {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      intraOpNumThreads: worthThreads(graph) ? threads : 1,
      logSeverityLevel: 3,
    });
  } catch (cause) {
    throw runtimeFailure(graph.name, cause);
  }
}

/** Below this much arithmetic, and this many bytes of constants to read, waking a second thread costs more than it saves. */
const smallWork = 5e8;
const smallConstants = 64 * 2 ** 20;

function worthThreads({ work, initializers }: OnnxGraph): boolean {
  const constants = initializers.reduce((total, { bytes }) => total + bytes.length, 0);
  return work > smallWork || constants > smallConstants;
}

/** Which graph values are the caller's inputs and outputs, and which belong to stores. */
function bind(graph: OnnxGraph, stores: Readonly<Record<string, TensorStore>>) {
  const split = (value: OnnxValue) => {
    const [head = '', ...rest] = value.name.split('/');
    return { head, rest: rest.join('/') };
  };
  const inputs: { name: string; input: string }[] = [];
  const reads: { name: string; store: string; tensor: string }[] = [];
  for (const value of graph.inputs) {
    const { head, rest } = split(value);
    if (head === 'input') inputs.push({ name: value.name, input: rest });
    else if (head in stores) reads.push({ name: value.name, store: head, tensor: rest });
  }
  const outputs: {
    name: string;
    output: string;
    shape: readonly number[];
    dtype: TensorSpec['dtype'];
  }[] = [];
  const updates: { name: string; store: string; tensor: string }[] = [];
  for (const value of graph.outputs) {
    const { head, rest } = split(value);
    if (head === 'output') {
      outputs.push({
        name: value.name,
        output: rest,
        shape: value.shape,
        dtype: value.dtype as TensorSpec['dtype'],
      });
    } else {
      const [store = '', ...tensor] = rest.split('/');
      checkStoreUpdate(store, stores[store]?.specs, tensor.join('/'), value);
      updates.push({ name: value.name, store, tensor: tensor.join('/') });
    }
  }
  return { inputs, reads, outputs, updates };
}

function runtimeFailure(name: string, cause: unknown): TransfuseError {
  return new TransfuseError({
    code: 'engine.failed',
    place: `compiled function ${name}`,
    found: String(cause instanceof Error ? cause.message : cause),
    expected: 'a graph that ONNX Runtime can run',
    mend: 'Choose the eager engine (engine: { name: "eager" }) and report the function.',
    cause,
  });
}

function disposedEngine(): TransfuseError {
  return new TransfuseError({
    code: 'host.disposed',
    place: 'compiled engine',
    found: 'a call after dispose()',
    expected: 'a live engine',
    mend: 'Create the engine again.',
  });
}

function disposedFunction(name: string): TransfuseError {
  return new TransfuseError({
    code: 'host.disposed',
    place: `compiled function ${name}`,
    found: 'a call after dispose()',
    expected: 'a live function',
    mend: 'Compile it again.',
  });
}
