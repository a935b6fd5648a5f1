/**
 * Writes a graph as an ONNX model file (protobuf). Field numbers are those of the published schema, onnx.proto3
 * (ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto, ValueInfoProto), IR version 9. Constants may be
 * hundreds of megabytes, so everything around them is written first and they are copied once, into the whole file.
 */
import protobuf from 'protobufjs/minimal.js';
import { onnxElementType } from './element-type.ts';
import type { OnnxAttribute, OnnxGraph, OnnxInitializer, OnnxNode, OnnxValue } from './graph.ts';

const irVersion = 9;
/** The standard operator set written into models; 18 is the first with axes of every reduction as inputs. */
const opsetVersion = 18;

const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 } as const;

const varint = (field: number) => field << 3;
const fixed32 = (field: number) => (field << 3) | 5;
const delimited = (field: number) => (field << 3) | 2;

/** Serializes a graph. The result is a complete `.onnx` file. */
export function encodeOnnx(graph: OnnxGraph): Uint8Array {
  const body = graphParts(graph);
  const head = protobuf.Writer.create();
  head.uint32(varint(1)).int64(irVersion);
  head.uint32(delimited(2)).string('transfuse');
  head.uint32(delimited(7)).uint32(totalLength(body));
  const tail = protobuf.Writer.create();
  for (const [domain, version] of operatorSets(graph)) {
    tail.uint32(delimited(8)).fork();
    tail.uint32(delimited(1)).string(domain);
    tail.uint32(varint(2)).int64(version);
    tail.ldelim();
  }
  return joined([head.finish(), ...body, tail.finish()]);
}

const totalLength = (parts: readonly Uint8Array[]) => parts.reduce((total, part) => total + part.length, 0);

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(totalLength(parts));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}

function operatorSets(graph: OnnxGraph): Map<string, number> {
  const sets = new Map([['', opsetVersion]]);
  for (const node of graph.nodes) if (node.domain !== '') sets.set(node.domain, 1);
  return sets;
}

/** The graph message in pieces; the bytes of constants are the graph's own arrays. */
function graphParts(graph: OnnxGraph): readonly Uint8Array[] {
  const nodes = protobuf.Writer.create();
  for (const node of graph.nodes) {
    nodes.uint32(delimited(1)).fork();
    writeNode(nodes, node);
    nodes.ldelim();
  }
  const values = protobuf.Writer.create();
  if (graph.emptySequence !== undefined) {
    nodes.uint32(delimited(1)).fork();
    writeNode(nodes, { op: 'SequenceEmpty', domain: '', inputs: [], outputs: [graph.emptySequence], attributes: {} });
    nodes.ldelim();
    values.uint32(delimited(12)).fork();
    writeSequenceInfo(values, graph.emptySequence);
    values.ldelim();
  }
  nodes.uint32(delimited(2)).string(graph.name);
  for (const [field, listed] of [
    [11, graph.inputs],
    [12, graph.outputs],
  ] as const) {
    for (const value of listed) {
      values.uint32(delimited(field)).fork();
      writeValueInfo(values, value);
      values.ldelim();
    }
  }
  return [nodes.finish(), ...graph.initializers.flatMap(initializerParts), values.finish()];
}

/** What a node is called in the model: its first result, and the source line where that is known. */
export function nodeName({ outputs, source }: OnnxNode): string {
  const name = outputs.find((output) => output !== '') ?? '';
  return source === undefined ? name : `${name}@${source}`;
}

function writeNode(writer: protobuf.Writer, node: OnnxNode): void {
  for (const input of node.inputs) writer.uint32(delimited(1)).string(input);
  for (const output of node.outputs) writer.uint32(delimited(2)).string(output);
  writer.uint32(delimited(3)).string(nodeName(node));
  writer.uint32(delimited(4)).string(node.op);
  for (const [attributeName, attribute] of Object.entries(node.attributes)) {
    writer.uint32(delimited(5)).fork();
    writeAttribute(writer, attributeName, attribute);
    writer.ldelim();
  }
  if (node.domain !== '') writer.uint32(delimited(7)).string(node.domain);
}

function writeAttribute(writer: protobuf.Writer, name: string, attribute: OnnxAttribute): void {
  writer.uint32(delimited(1)).string(name);
  let type: number;
  if ('float' in attribute) {
    writer.uint32(fixed32(2)).float(attribute.float);
    type = attributeTypes.float;
  } else if ('int' in attribute) {
    writer.uint32(varint(3)).int64(attribute.int);
    type = attributeTypes.int;
  } else if ('string' in attribute) {
    writer.uint32(delimited(4)).string(attribute.string);
    type = attributeTypes.string;
  } else {
    for (const value of attribute.ints) writer.uint32(varint(8)).int64(value);
    type = attributeTypes.ints;
  }
  writer.uint32(varint(20)).int32(type);
}

function initializerParts({ name, shape, dtype, bytes }: OnnxInitializer): readonly Uint8Array[] {
  const description = protobuf.Writer.create();
  for (const size of shape) description.uint32(varint(1)).int64(size);
  description.uint32(varint(2)).int32(onnxElementType(dtype));
  description.uint32(delimited(8)).string(name);
  description.uint32(delimited(9)).uint32(bytes.length);
  const described = description.finish();
  const head = protobuf.Writer.create();
  head.uint32(delimited(5)).uint32(described.length + bytes.length);
  return [head.finish(), described, bytes];
}

function writeSequenceInfo(writer: protobuf.Writer, name: string): void {
  writer.uint32(delimited(1)).string(name);
  writer.uint32(delimited(2)).fork(); // TypeProto
  writer.uint32(delimited(4)).fork(); // TypeProto.Sequence
  writer.uint32(delimited(1)).fork(); // TypeProto of its elements
  writer.uint32(delimited(1)).fork(); // TypeProto.Tensor
  writer.uint32(varint(1)).int32(onnxElementType('float32'));
  writer.ldelim();
  writer.ldelim();
  writer.ldelim();
  writer.ldelim();
}

function writeValueInfo(writer: protobuf.Writer, value: OnnxValue): void {
  writer.uint32(delimited(1)).string(value.name);
  writer.uint32(delimited(2)).fork(); // TypeProto
  writer.uint32(delimited(1)).fork(); // TypeProto.Tensor
  writer.uint32(varint(1)).int32(onnxElementType(value.dtype));
  writer.uint32(delimited(2)).fork(); // TensorShapeProto
  for (const size of value.shape) {
    writer.uint32(delimited(1)).fork();
    writer.uint32(varint(1)).int64(size);
    writer.ldelim();
  }
  writer.ldelim();
  writer.ldelim();
  writer.ldelim();
}
