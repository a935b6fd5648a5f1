import { describe, expect, it } from 'vitest';
import { encodeOnnx } from './encode-onnx.ts';
import type { OnnxGraph } from './graph.ts';
import { readNodeOutputs } from './read-node-outputs.ts';

const graph: OnnxGraph = {
  name: 'g',
  nodes: [
    { op: 'Split', domain: '', inputs: ['x'], outputs: ['a', 'b'], attributes: { axis: { int: 0 } }, source: 'm.ts:1' },
    { op: 'Relu', domain: 'com.microsoft', inputs: ['a'], outputs: ['output/größe'], attributes: {} },
  ],
  initializers: [{ name: 'w', shape: [300], dtype: 'bool', bytes: new Uint8Array(300).fill(10) }],
  inputs: [{ name: 'x', shape: [2], dtype: 'float32' }],
  outputs: [{ name: 'output/größe', shape: [1], dtype: 'float32' }],
  work: 0,
};

describe('readNodeOutputs', () => {
  it('finds every node’s results by its name, among everything else that a model holds', () => {
    expect([...readNodeOutputs(encodeOnnx(graph))]).toEqual([
      ['a@m.ts:1', ['a', 'b']],
      ['output/größe', ['output/größe']],
    ]);
  });

  it('finds nothing in a model without nodes', () => {
    expect(readNodeOutputs(encodeOnnx({ ...graph, nodes: [] })).size).toBe(0);
  });
});
