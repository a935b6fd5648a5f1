import { describe, expect, it } from 'vitest';
import type { OnnxAttribute, OnnxGraph, OnnxNode } from './onnx/graph.ts';
import { processorNodes } from './processor-nodes.ts';

const node = (op: string, more: Partial<OnnxNode> = {}): OnnxNode => ({
  op,
  domain: '',
  inputs: ['x'],
  outputs: ['y'],
  attributes: {},
  ...more,
});
const steps = (...values: number[]) => ({
  name: 'steps',
  shape: [values.length],
  dtype: 'int64' as const,
  bytes: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
});
const graphOf = (nodes: OnnxNode[], initializers: OnnxGraph['initializers'] = []): OnnxGraph => ({
  name: 'graph',
  nodes,
  initializers,
  inputs: [],
  outputs: [],
  work: 0,
});
const transposed = (attributes: Record<string, OnnxAttribute>) => node('ConvTranspose', { attributes });
const sliced = node('Slice', { inputs: ['x', 'starts', 'ends', 'axes', 'steps'] });

describe('nodes that stay on the processor', () => {
  it('are sines, and maxima whose positions are asked for', () => {
    const chosen = [node('Sin'), node('MaxPool', { outputs: ['y', 'positions'] })];
    const others = [node('Add'), node('MaxPool'), node('Sin', { domain: 'com.example' })];
    expect(processorNodes(graphOf([...others, ...chosen]))).toEqual(chosen);
  });

  it('are transposed convolutions with groups, with holes, or in three dimensions', () => {
    const chosen = [
      transposed({ group: { int: 2 }, strides: { ints: [1, 1] } }),
      transposed({ dilations: { ints: [1, 2] } }),
      transposed({ strides: { ints: [1, 1, 1] } }),
    ];
    const plain = transposed({ group: { int: 1 }, dilations: { ints: [1, 1] }, strides: { ints: [2, 2] } });
    expect(processorNodes(graphOf([plain, ...chosen]))).toEqual(chosen);
  });

  it('are slices backwards', () => {
    expect(processorNodes(graphOf([sliced], [steps(1, -1)]))).toEqual([sliced]);
    expect(processorNodes(graphOf([sliced], [steps(1, 2)]))).toEqual([]);
    expect(processorNodes(graphOf([sliced]))).toEqual([]);
  });
});
