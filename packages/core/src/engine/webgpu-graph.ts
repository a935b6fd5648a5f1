/**
 * Rewrites what ONNX Runtime's WebGPU provider (1.30) leaves undone in silence: its root-mean-square norm writes the
 * normalized values, and not the factor they were scaled with, which the gradient reads. The factor is computed beside.
 */
import type { OnnxGraph, OnnxInitializer, OnnxNode } from './onnx/graph.ts';

const norm = 'SimplifiedLayerNormalization';

/** The same function, in nodes that the provider computes. Inputs and outputs keep their names. */
export function webgpuGraph(graph: OnnxGraph): OnnxGraph {
  const split = graph.nodes.map((node) => (node.op === norm && node.outputs.length > 1 ? splitNorm(node) : undefined));
  if (split.every((parts) => parts === undefined)) return graph;
  return {
    ...graph,
    nodes: graph.nodes.flatMap((node, index) => split[index]?.nodes ?? [node]),
    initializers: [...graph.initializers, ...split.flatMap((parts) => parts?.initializers ?? [])],
  };
}

interface NormParts {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
}

/** A norm over the last axis, and 1 / sqrt(mean(x^2) + epsilon). */
function splitNorm(node: OnnxNode): NormParts {
  const [x = ''] = node.inputs;
  const [normalized = '', factor = ''] = node.outputs;
  const name = (part: string) => `${factor}/${part}`;
  const { epsilon } = node.attributes;
  const axes = new BigInt64Array([-1n]);
  const small = Float32Array.of(epsilon !== undefined && 'float' in epsilon ? epsilon.float : 1e-5);
  const step = (op: string, inputs: readonly string[], output: string): OnnxNode => ({
    ...(node.source === undefined ? {} : { source: node.source }),
    op,
    domain: '',
    inputs,
    outputs: [output],
    attributes: {},
  });
  return {
    nodes: [
      { ...node, outputs: [normalized] },
      step('Mul', [x, x], name('square')),
      step('ReduceMean', [name('square'), name('axes')], name('mean')), // keeps the axis
      step('Add', [name('mean'), name('epsilon')], name('sum')),
      step('Sqrt', [name('sum')], name('root')),
      step('Reciprocal', [name('root')], factor),
    ],
    initializers: [
      { name: name('axes'), shape: [1], dtype: 'int64', bytes: new Uint8Array(axes.buffer) },
      { name: name('epsilon'), shape: [], dtype: 'float32', bytes: new Uint8Array(small.buffer) },
    ],
  };
}
