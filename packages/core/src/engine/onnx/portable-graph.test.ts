import { describe, expect, it } from 'vitest';
import { bytesOf } from './fold-constants.ts';
import type { OnnxGraph, OnnxNode } from './graph.ts';
import { portableGraph } from './portable-graph.ts';

const graphOf = (node: OnnxNode, rank = 2): OnnxGraph => ({
  name: 'one node',
  nodes: [node],
  initializers: [
    { name: 'ones', dtype: 'float32', shape: [4], bytes: bytesOf(new Float32Array(4).fill(1)) },
    { name: 'gains', dtype: 'float32', shape: [4], bytes: bytesOf(Float32Array.of(1, 2, 3, 4)) },
  ],
  inputs: ['x', 'y'].map((name) => ({ name, shape: Array<number>(rank).fill(4), dtype: 'float32' as const })),
  outputs: [{ name: 'z', shape: Array<number>(rank).fill(4), dtype: 'float32' }],
  work: 0,
});
const operatorsOf = (node: OnnxNode, rank?: number) => portableGraph(graphOf(node, rank)).nodes.map(({ op }) => op);
const ours = (op: string, inputs: string[], attributes: OnnxNode['attributes'] = {}): OnnxNode => ({
  op,
  domain: 'com.microsoft',
  inputs,
  outputs: ['z'],
  attributes,
});

describe('the portable form', () => {
  it('turns only the operands that a product wants turned, along their last two axes', () => {
    const product = ours('FusedMatMul', ['x', 'y'], { transA: { int: 0 }, transB: { int: 1 } });
    const { nodes } = portableGraph(graphOf(product, 4));
    expect(nodes.map(({ op, inputs }) => [op, inputs[0]])).toEqual([
      ['Transpose', 'y'],
      ['MatMul', 'x'],
    ]);
    expect(nodes[0]!.attributes).toEqual({ perm: { ints: [0, 1, 3, 2] } });
    expect(nodes[1]!.outputs).toEqual(['z']);
  });

  it('keeps the factor of a product', () => {
    expect(operatorsOf(ours('FusedMatMul', ['x', 'y'], { alpha: { float: 0.5 } }))).toEqual(['MatMul', 'Mul']);
  });

  it('multiplies by the gain of a norm only where it is not 1 everywhere', () => {
    const norm = (gain: string) => ({
      ...ours('SimplifiedLayerNormalization', ['x', gain]),
      domain: '',
      outputs: ['z', ''],
    });
    const multiplications = (gain: string) => operatorsOf(norm(gain)).filter((op) => op === 'Mul').length;
    expect(multiplications('ones')).toBe(2);
    expect(multiplications('gains')).toBe(3);
  });

  it('leaves standard operators as they are, and constants out that nothing reads any more', () => {
    const add: OnnxNode = { op: 'Add', domain: '', inputs: ['x', 'ones'], outputs: ['z'], attributes: {} };
    const { nodes, initializers } = portableGraph(graphOf(add));
    expect(nodes).toEqual([add]);
    expect(initializers.map(({ name }) => name)).toEqual(['ones']);
  });

  it('refuses, by its name, an operator that it has no standard form for', () => {
    expect(() => portableGraph(graphOf(ours('FastGelu', ['x'])))).toThrow(
      'portable form of one node: found the operator com.microsoft.FastGelu',
    );
  });

  it('refuses a transposition of a value whose shape nobody knows', () => {
    const graph = graphOf(ours('FusedMatMul', ['x', 'hidden'], { transB: { int: 1 } }));
    const hidden: OnnxNode = { op: 'Relu', domain: '', inputs: ['y'], outputs: ['hidden'], attributes: {} };
    expect(() => portableGraph({ ...graph, nodes: [hidden, ...graph.nodes] })).toThrow('hidden of unknown shape');
    const known = { ...graph, nodes: [hidden, ...graph.nodes], shapes: new Map([['hidden', [4, 4]]]) };
    expect(portableGraph(known).nodes.map(({ op }) => op)).toEqual(['Relu', 'Transpose', 'MatMul']);
  });
});
