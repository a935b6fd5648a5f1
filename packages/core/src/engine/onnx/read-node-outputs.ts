/**
 * Reads from an ONNX model file which values each node computes. It is all a profile needs of an optimized model: the
 * optimizer gives fused nodes names of its own, but leaves the names of values. Field numbers are those of onnx.proto3.
 */
import protobuf from 'protobufjs/minimal.js';

const modelGraph = 7;
const graphNode = 1;
const nodeOutput = 2;
const nodeName = 3;

/** Value names by node name, in the order of the node's outputs. */
export function readNodeOutputs(model: Uint8Array): ReadonlyMap<string, readonly string[]> {
  const outputs = new Map<string, readonly string[]>();
  eachField(protobuf.Reader.create(model), undefined, modelGraph, (graph, graphEnd) => {
    eachField(graph, graphEnd, graphNode, (node, nodeEnd) => {
      let name = '';
      const values: string[] = [];
      while (node.pos < nodeEnd) {
        const tag = node.uint32();
        if (tag >>> 3 === nodeOutput) values.push(node.string());
        else if (tag >>> 3 === nodeName) name = node.string();
        else node.skipType(tag & 7);
      }
      outputs.set(name, values);
    });
  });
  return outputs;
}

/** Calls `take` at every message of one field; everything else is skipped. */
function eachField(
  reader: protobuf.Reader,
  end: number | undefined,
  field: number,
  take: (reader: protobuf.Reader, end: number) => void,
): void {
  while (reader.pos < (end ?? reader.len)) {
    const tag = reader.uint32();
    if (tag >>> 3 !== field) {
      reader.skipType(tag & 7);
      continue;
    }
    const length = reader.uint32();
    take(reader, reader.pos + length);
  }
}
