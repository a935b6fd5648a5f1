/*
 * Field numbers below are those of onnx.proto3: ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto,
 * ValueInfoProto, TypeProto and TensorShapeProto.
 */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { WireMessage } from '../../../../../test/support/engine-protobuf-reader.ts';
import { encodeOnnx } from './encode-onnx.ts';
import type { OnnxGraph, OnnxValue } from './graph.ts';

const bytesOf = (array: Float32Array | BigInt64Array | Int32Array | Uint8Array) =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** y = relu(x w) with an attribute of every kind on nodes of two domains, and z, a reshaped copy of it. */
const graph: OnnxGraph = {
  name: 'small größe',
  nodes: [
    {
      op: 'FusedMatMul',
      domain: 'com.microsoft',
      inputs: ['x', 'w'],
      outputs: ['product'],
      attributes: { alpha: { float: 0.5 }, transB: { int: 1 } },
      source: 'model.ts:12',
    },
    { op: 'Relu', domain: '', inputs: ['product'], outputs: ['y'], attributes: {} },
    { op: 'Transpose', domain: '', inputs: ['y'], outputs: ['turned'], attributes: { perm: { ints: [1, 0] } } },
    { op: 'Reshape', domain: '', inputs: ['turned', 'shape'], outputs: ['z'], attributes: {} },
    {
      op: 'ScatterND',
      domain: '',
      inputs: ['z', 'where', 'scalar'],
      outputs: ['', 'unused'],
      attributes: { reduction: { string: 'add' }, axis: { int: -1 }, none: { ints: [] } },
    },
  ],
  initializers: [
    { name: 'w', dtype: 'float32', shape: [2, 3], bytes: bytesOf(Float32Array.of(1, 2, 3, -1, -2, -3)) },
    { name: 'shape', dtype: 'int64', shape: [1], bytes: bytesOf(BigInt64Array.of(-1n)) },
    { name: 'scalar', dtype: 'bool', shape: [], bytes: Uint8Array.of(1) },
    { name: 'ids', dtype: 'int32', shape: [2], bytes: bytesOf(Int32Array.of(-1, 300)) },
  ],
  inputs: [{ name: 'x', shape: [1, 3], dtype: 'float32' }],
  outputs: [
    { name: 'y', shape: [1, 2], dtype: 'float32' },
    { name: 'z', shape: [2], dtype: 'float32' },
  ],
};

describe('encodeOnnx', () => {
  const model = new WireMessage(encodeOnnx(graph));
  const body = model.message(7);

  it('writes a model with its format version, its producer and the operator sets it uses', () => {
    expect(model.numbers).toEqual([1, 2, 7, 8]);
    expect(model.integer(1)).toBe(9); // ir_version
    expect(model.string(2)).toBe('transfuse'); // producer_name
    expect(model.messages(8).map((set) => [set.string(1), set.integer(2)])).toEqual([
      ['', 18],
      ['com.microsoft', 1],
    ]);
  });

  it('names no operator set that the graph does not use', () => {
    const plain = new WireMessage(encodeOnnx({ ...graph, nodes: graph.nodes.slice(1) }));
    expect(plain.messages(8).map((set) => set.string(1))).toEqual(['']);
  });

  it('writes the graph with its name, nodes, initializers, inputs and outputs', () => {
    expect(body.numbers).toEqual([1, 2, 5, 11, 12]);
    expect(body.string(2)).toBe('small größe');
    expect(body.messages(1).length).toBe(graph.nodes.length);
  });

  it('writes nodes in order with operator, domain, inputs and outputs, left-out ones included', () => {
    const nodes = body.messages(1).map((node) => ({
      op: node.string(4),
      domain: node.strings(7)[0] ?? '',
      inputs: node.strings(1),
      outputs: node.strings(2),
    }));
    expect(nodes).toEqual(graph.nodes.map(({ op, domain, inputs, outputs }) => ({ op, domain, inputs, outputs })));
  });

  it('names a node after its first result and the line that made it', () => {
    expect(body.messages(1).map((node) => node.string(3))).toEqual([
      'product@model.ts:12',
      'y',
      'turned',
      'z',
      'unused',
    ]);
  });

  it('writes attributes with their type and the field that belongs to it', () => {
    const [fused, relu, transpose, , scatter] = body.messages(1).map((node) => node.messages(5));
    expect(relu).toEqual([]);
    const [alpha, transB] = fused!;
    expect(alpha!.numbers).toEqual([1, 2, 20]);
    expect([alpha!.string(1), alpha!.float(2), alpha!.integer(20)]).toEqual(['alpha', 0.5, 1]);
    expect(transB!.numbers).toEqual([1, 3, 20]);
    expect([transB!.string(1), transB!.integer(3), transB!.integer(20)]).toEqual(['transB', 1, 2]);
    const [perm] = transpose!;
    expect(perm!.numbers).toEqual([1, 8, 20]);
    expect([perm!.string(1), perm!.integers(8), perm!.integer(20)]).toEqual(['perm', [1, 0], 7]);
    const [reduction, axis, none] = scatter!;
    expect(reduction!.numbers).toEqual([1, 4, 20]);
    expect([reduction!.string(1), reduction!.string(4), reduction!.integer(20)]).toEqual(['reduction', 'add', 3]);
    expect([axis!.string(1), axis!.integer(3), axis!.integer(20)]).toEqual(['axis', -1, 2]);
    expect([none!.string(1), none!.integers(8), none!.integer(20)]).toEqual(['none', [], 7]);
  });

  it('writes constants with shape, element type and raw little-endian bytes', () => {
    const constants = body.messages(5).map((tensor) => ({
      name: tensor.string(8),
      shape: tensor.integers(1),
      type: tensor.integer(2),
      bytes: [...tensor.bytes(9)],
    }));
    expect(constants).toEqual([
      { name: 'w', shape: [2, 3], type: 1, bytes: [...graph.initializers[0]!.bytes] },
      { name: 'shape', shape: [1], type: 7, bytes: [255, 255, 255, 255, 255, 255, 255, 255] },
      { name: 'scalar', shape: [], type: 9, bytes: [1] },
      { name: 'ids', shape: [2], type: 6, bytes: [255, 255, 255, 255, 44, 1, 0, 0] },
    ]);
  });

  it('writes inputs and outputs with element type and every dimension, a scalar with none', () => {
    const decode = (value: WireMessage) => {
      const tensor = value.message(2).message(1);
      const shape = tensor.message(2).messages(1);
      return { name: value.string(1), type: tensor.integer(1), shape: shape.map((dimension) => dimension.integer(1)) };
    };
    expect(body.messages(11).map(decode)).toEqual([{ name: 'x', type: 1, shape: [1, 3] }]);
    expect(body.messages(12).map(decode)).toEqual([
      { name: 'y', type: 1, shape: [1, 2] },
      { name: 'z', type: 1, shape: [2] },
    ]);
    const scalars: OnnxValue[] = [
      { name: 'flag', shape: [], dtype: 'bool' },
      { name: 'none', shape: [0, 70_000], dtype: 'int64' },
    ];
    const other = new WireMessage(encodeOnnx({ ...graph, inputs: scalars })).message(7);
    expect(other.messages(11).map(decode)).toEqual([
      { name: 'flag', type: 9, shape: [] },
      { name: 'none', type: 7, shape: [0, 70_000] },
    ]);
  });

  it('writes a file that ONNX Runtime takes and computes as meant', async () => {
    const runnable = { ...graph, nodes: graph.nodes.slice(0, 4), initializers: graph.initializers.slice(0, 2) };
    const session = await ort.InferenceSession.create(encodeOnnx(runnable), { executionProviders: ['cpu'] });
    const { y, z } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(1, 1, 1), [1, 3]) });
    expect(y!.data).toEqual(Float32Array.of(3, 0)); // half of 6 and of -6, cut at 0
    expect(z!.dims).toEqual([2]);
    await session.release();
  });
});
