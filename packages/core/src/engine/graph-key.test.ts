import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digest, graphKey } from './graph-key.ts';
import type { OnnxGraph } from './onnx/graph.ts';

const bytesOf = (values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);

const graph: OnnxGraph = {
  name: 'f',
  nodes: [
    { op: 'Gemm', domain: '', inputs: ['x', 'w'], outputs: ['y'], attributes: { alpha: { float: 1 } } },
    { op: 'Relu', domain: '', inputs: ['y'], outputs: ['output/z'], attributes: {} },
  ],
  initializers: [
    { name: 'w', shape: [4, 8], dtype: 'float32', bytes: bytesOf(Array.from({ length: 32 }, (_, index) => index)) },
    { name: 's', shape: [1], dtype: 'float32', bytes: bytesOf([3]) },
  ],
  inputs: [{ name: 'x', shape: [2, 4], dtype: 'float32' }],
  outputs: [{ name: 'output/z', shape: [2, 8], dtype: 'float32' }],
  work: 1,
};
const [w, s] = graph.initializers as [OnnxGraph['initializers'][0], OnnxGraph['initializers'][0]];
const settings = { runtime: '1.30.0', threads: 'one' };

describe('graphKey', () => {
  it('is 64 hexadecimal digits, whatever the function is called and in whatever order settings are given', () => {
    const key = graphKey(graph, settings);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(graphKey({ ...graph, name: 'g' }, { threads: 'one', runtime: '1.30.0' })).toBe(key);
  });

  it.each<[string, OnnxGraph]>([
    ['an operator', { ...graph, nodes: [graph.nodes[0]!, { ...graph.nodes[1]!, op: 'Tanh' }] }],
    [
      'an attribute',
      { ...graph, nodes: [{ ...graph.nodes[0]!, attributes: { alpha: { float: 2 } } }, graph.nodes[1]!] },
    ],
    [
      'the kind of an attribute',
      { ...graph, nodes: [{ ...graph.nodes[0]!, attributes: { alpha: { int: 1 } } }, graph.nodes[1]!] },
    ],
    ['the wiring', { ...graph, nodes: [{ ...graph.nodes[0]!, inputs: ['x', 's'] }, graph.nodes[1]!] }],
    ['the shape of an input', { ...graph, inputs: [{ ...graph.inputs[0]!, shape: [3, 4] }] }],
    ['the type of an input', { ...graph, inputs: [{ ...graph.inputs[0]!, dtype: 'int32' }] }],
    ['the shape of a constant', { ...graph, initializers: [{ ...w, shape: [8, 4] }, s] }],
    ['a bit of a large constant', { ...graph, initializers: [{ ...w, bytes: w.bytes.with(77, 1) }, s] }],
    ['a bit of a small constant', { ...graph, initializers: [w, { ...s, bytes: s.bytes.with(0, 1) }] }],
  ])('changes with %s', (_, other) => {
    expect(graphKey(other, settings)).not.toBe(graphKey(graph, settings));
  });

  it('changes with any setting', () => {
    const keys = [
      settings,
      { ...settings, runtime: '1.31.0' },
      { ...settings, threads: 'many' },
      { runtime: '1.30.0' },
    ];
    expect(new Set(keys.map((given) => graphKey(graph, given))).size).toBe(4);
  });

  it('differs for constants that differ anywhere, small or large', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), (bytes, at) => {
        const other = bytes.slice();
        other[at % bytes.length]! ^= 1;
        const of = (values: Uint8Array) =>
          graphKey(
            { ...graph, initializers: [{ name: 'b', shape: [values.length], dtype: 'bool', bytes: values }] },
            settings,
          );
        expect(of(bytes)).toBe(of(bytes.slice()));
        expect(of(other)).not.toBe(of(bytes));
      }),
    );
  });

  it('takes digests of large constants from whoever knows them', () => {
    const asked: number[] = [];
    const key = graphKey(graph, settings, (bytes) => {
      asked.push(bytes.length);
      return digest(bytes);
    });
    expect(key).toBe(graphKey(graph, settings));
    expect(asked).toEqual([128]);
  });
});
