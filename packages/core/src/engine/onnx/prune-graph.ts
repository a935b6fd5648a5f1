/** Leaves out of a graph what no result needs: nodes, and constants that no remaining node reads. */
import type { OnnxGraph, OnnxNode } from './graph.ts';

/** The graph without what its outputs do not need. Inputs stay: they are the caller's. */
export function pruneGraph(graph: OnnxGraph): OnnxGraph {
  const nodes = reachableNodes(
    graph.nodes,
    graph.outputs.map(({ name }) => name),
  );
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  return { ...graph, nodes, initializers: graph.initializers.filter(({ name }) => used.has(name)) };
}

/** Those of the nodes, in their order, that results depend on. */
export function reachableNodes(nodes: readonly OnnxNode[], results: readonly string[]): OnnxNode[] {
  const wanted = new Set(results);
  const kept: OnnxNode[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((output) => wanted.has(output))) continue;
    for (const input of node.inputs) wanted.add(input);
    kept.push(node);
  }
  return kept.toReversed();
}
