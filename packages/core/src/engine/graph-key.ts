/**
 * What a graph is known by: a digest of everything that decides what it computes and how it is optimized, its constants
 * included and its name left out. Large constants enter by their own digests, which whoever holds their values may
 * know already.
 */
import { digest } from './digest.ts';
import { encodeOnnx } from './onnx/encode-onnx.ts';
import type { OnnxGraph } from './onnx/graph.ts';

/** Constants up to this many bytes enter a key as they are. */
const plainConstant = 64;

const text = new TextEncoder();

export { digest };

/** How a graph is going to be compiled, as far as it makes a difference. */
export type GraphSettings = Readonly<Record<string, string | number>>;

/**
 * The key of a graph compiled with these settings: 64 hexadecimal digits, the same in every process.
 * @param digestOf the digest of a constant's bytes; default: {@link digest}
 */
export function graphKey(
  graph: OnnxGraph,
  settings: GraphSettings,
  digestOf: (bytes: Uint8Array) => string = digest,
): string {
  const initializers = graph.initializers.map((constant) =>
    constant.bytes.length <= plainConstant ? constant : { ...constant, bytes: text.encode(digestOf(constant.bytes)) },
  );
  const sorted = Object.entries(settings).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return digest(encodeOnnx({ ...graph, name: '', initializers }), text.encode(JSON.stringify(sorted)));
}
