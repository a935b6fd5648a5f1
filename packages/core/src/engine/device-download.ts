/**
 * Brings tensors from a graphics processor to JavaScript memory. The binding of ONNX Runtime for Node.js has no call for
 * that (1.30 ends the process at `getData`), so a graph that changes nothing is run, with its result in memory.
 */
import * as ort from 'onnxruntime-node';
import type { TensorSpec } from '../contracts/tensors.ts';
import type { Download } from './device-store.ts';
import { type ExecutionProvider, providerList } from './execution-provider.ts';
import { encodeOnnx } from './onnx/encode-onnx.ts';
import type { OnnxGraph } from './onnx/graph.ts';

/** Creates the download of an engine; sessions are made per shape and kept until `dispose`. */
export function createDownload(provider: ExecutionProvider): { readonly download: Download; dispose(): Promise<void> } {
  const sessions = new Map<string, Promise<ort.InferenceSession>>();
  const sessionFor = (spec: TensorSpec) => {
    const key = `${spec.dtype} ${spec.shape.join()}`;
    const session = sessions.get(key) ?? createSession(spec, provider);
    sessions.set(key, session);
    return session;
  };
  return {
    async download(tensor, spec) {
      const { y } = await (await sessionFor(spec)).run({ x: tensor });
      return y!.data as Float32Array;
    },
    async dispose() {
      await Promise.all([...sessions.values()].map(async (session) => (await session).release()));
      sessions.clear();
    },
  };
}

function createSession(spec: TensorSpec, provider: ExecutionProvider): Promise<ort.InferenceSession> {
  const graph: OnnxGraph = {
    name: 'download',
    nodes: [{ op: 'Identity', domain: '', inputs: ['x'], outputs: ['y'], attributes: {} }],
    initializers: [],
    inputs: [{ ...spec, name: 'x' }],
    outputs: [{ ...spec, name: 'y' }],
    work: 0,
  };
  return ort.InferenceSession.create(encodeOnnx(graph), {
    executionProviders: providerList(graph, provider),
    logSeverityLevel: 3,
  });
}
