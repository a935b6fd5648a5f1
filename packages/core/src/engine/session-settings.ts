/** How ONNX Runtime is asked to run a graph, and whether compiling it is worth remembering. */
import * as ort from 'onnxruntime-node';
import { type ExecutionProvider, providerList } from './execution-provider.ts';
import type { OnnxGraph } from './onnx/graph.ts';
import { processorIdentity } from './processor-identity.ts';

/** The version of ONNX Runtime that compiles and runs. */
export const runtimeVersion: string = ort.env.versions.node ?? ort.env.versions.common;

/** Below this much arithmetic, and this many bytes of constants to read, waking a second thread costs more than it saves. */
const smallWork = 5e8;
const smallConstants = 64 * 2 ** 20;

/**
 * What a stored model must save to be worth its reading: 20 ms for 300 nodes, while checking a megabyte of constants
 * takes one millisecond and the disk space. Functions with a model's weights baked in compile as fast as they load.
 */
const cachedNodes = 200;
const cachedConstants = 4 * 2 ** 20;

const constantBytes = ({ initializers }: OnnxGraph) =>
  initializers.reduce((total, { bytes }) => total + bytes.length, 0);

/** Where a session computes, and which of its results stay there. */
export interface ProviderSettings {
  /** Default `cpu`. */
  readonly provider?: ExecutionProvider;
  /** Names of results that are not brought back; default none. */
  readonly onDevice?: ReadonlySet<string>;
}

/** Options of a session for this graph, apart from optimization. */
export function sessionOptions(
  graph: OnnxGraph,
  threads: number,
  { provider = 'cpu', onDevice = new Set() }: ProviderSettings = {},
): ort.InferenceSession.SessionOptions {
  const manyThreads = graph.work > smallWork || constantBytes(graph) > smallConstants;
  return {
    executionProviders: providerList(graph, provider),
    intraOpNumThreads: manyThreads ? threads : 1,
    logSeverityLevel: 4, // what goes wrong is thrown
    ...(onDevice.size > 0 && {
      preferredOutputLocation: Object.fromEntries(
        graph.outputs.map(({ name }) => [name, onDevice.has(name) ? 'gpu-buffer' : 'cpu'] as const),
      ),
    }),
  };
}

/** What decides the outcome of compiling besides the graph; part of its key. */
export function compilationSettings(options: ort.InferenceSession.SessionOptions): Readonly<Record<string, string>> {
  return {
    format: '1',
    runtime: runtimeVersion,
    processor: processorIdentity(),
    options: JSON.stringify({ ...options, intraOpNumThreads: options.intraOpNumThreads === 1 ? 'one' : 'many' }),
  };
}

/**
 * Whether a graph takes longer to compile than to read from a disk. What is optimized for another provider than the
 * processor holds operators that ONNX Runtime makes up for itself, and does not read again.
 */
export function worthCaching(graph: OnnxGraph, provider: ExecutionProvider = 'cpu'): boolean {
  if (provider !== 'cpu') return false;
  return graph.nodes.length >= cachedNodes && constantBytes(graph) <= cachedConstants;
}
