/**
 * Brings tensors from a graphics processor to JavaScript memory, by running a graph that changes nothing with its result
 * there. The binding of ONNX Runtime for Node.js has no call for it (1.30 ends the process at `getData`); the one for
 * browsers moves the tensor itself, which would have to go back with the next run.
 */
import type { TensorSpec } from '../contracts/tensors.ts';
import type { Download } from './device-store.ts';
import type { OnnxGraph } from './onnx/graph.ts';
import type { RuntimeSession } from './onnx-runtime.ts';

/** Creates the download of an engine; sessions are made per shape, by `open`, and kept until `dispose`. */
export function createDownload(open: (graph: OnnxGraph) => Promise<RuntimeSession>): {
  readonly download: Download;
  dispose(): Promise<void>;
} {
  const sessions = new Map<string, Promise<RuntimeSession>>();
  const sessionFor = (spec: TensorSpec) => {
    const key = `${spec.dtype} ${spec.shape.join()}`;
    const session = sessions.get(key) ?? open(identity(spec));
    sessions.set(key, session);
    return session;
  };
  return {
    async download(tensor, spec) {
      const { y } = await (await sessionFor(spec)).run({ x: tensor }, { y: null });
      return y!.data as Float32Array;
    },
    async dispose() {
      await Promise.all([...sessions.values()].map(async (session) => (await session).release()));
      sessions.clear();
    },
  };
}

function identity(spec: TensorSpec): OnnxGraph {
  return {
    name: 'download',
    nodes: [{ op: 'Identity', domain: '', inputs: ['x'], outputs: ['y'], attributes: {} }],
    initializers: [],
    inputs: [{ ...spec, name: 'x' }],
    outputs: [{ ...spec, name: 'y' }],
    work: 0,
  };
}
