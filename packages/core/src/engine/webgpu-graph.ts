/**
 * Rewrites what ONNX Runtime's WebGPU provider (1.30) leaves undone. Its root-mean-square norm writes the normalized
 * values, and in silence not the factor they were scaled with, which the gradient reads: the factor is computed beside. It has
 * no `LogSoftmax`, which would go to the processor and back, logits and all: simpler operators stand for it.
 */
import type { OnnxGraph, OnnxInitializer, OnnxNode } from './onnx/graph.ts';
import { integers, lineOf, scalar, standardNode } from './onnx/graph-parts.ts';

interface Parts {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
}

/** The same function, in nodes that the provider computes. Inputs and outputs keep their names. */
export function webgpuGraph(graph: OnnxGraph): OnnxGraph {
  const rewritten = graph.nodes.map(partsOf);
  if (rewritten.every((parts) => parts === undefined)) return graph;
  return {
    ...graph,
    nodes: graph.nodes.flatMap((node, index) => rewritten[index]?.nodes ?? [node]),
    initializers: [...graph.initializers, ...rewritten.flatMap((parts) => parts?.initializers ?? [])],
  };
}

function partsOf(node: OnnxNode): Parts | undefined {
  if (node.op === 'SimplifiedLayerNormalization' && node.outputs.length > 1) return splitNorm(node);
  return node.op === 'LogSoftmax' && node.domain === '' ? splitLogSoftmax(node) : undefined;
}

/** A norm over the last axis, and 1 / sqrt(mean(x^2) + epsilon). */
function splitNorm(node: OnnxNode): Parts {
  const [x = ''] = node.inputs;
  const [normalized = '', factor = ''] = node.outputs;
  const name = (part: string) => `${factor}/${part}`;
  const { epsilon } = node.attributes;
  const line = lineOf(node);
  return {
    nodes: [
      { ...node, outputs: [normalized] },
      standardNode('Mul', [x, x], name('square'), line),
      standardNode('ReduceMean', [name('square'), name('axes')], name('mean'), line), // keeps the axis
      standardNode('Add', [name('mean'), name('epsilon')], name('sum'), line),
      standardNode('Sqrt', [name('sum')], name('root'), line),
      standardNode('Reciprocal', [name('root')], factor, line),
    ],
    initializers: [
      integers(name('axes'), [-1]),
      scalar(name('epsilon'), epsilon !== undefined && 'float' in epsilon ? epsilon.float : 1e-5),
    ],
  };
}

/** `x - max(x) - log(sum(exp(x - max(x))))` over one axis. */
function splitLogSoftmax(node: OnnxNode): Parts {
  const [x = ''] = node.inputs;
  const [result = ''] = node.outputs;
  const name = (part: string) => `${result}/${part}`;
  const { axis } = node.attributes;
  const line = lineOf(node);
  return {
    nodes: [
      standardNode('ReduceMax', [x, name('axes')], name('max'), line), // keeps the axis, as the sum does
      standardNode('Sub', [x, name('max')], name('below'), line),
      standardNode('Exp', [name('below')], name('powers'), line),
      standardNode('ReduceSum', [name('powers'), name('axes')], name('sum'), line),
      standardNode('Log', [name('sum')], name('log'), line),
      standardNode('Sub', [name('below'), name('log')], result, line),
    ],
    initializers: [integers(name('axes'), [axis !== undefined && 'int' in axis ? axis.int : -1])],
  };
}
