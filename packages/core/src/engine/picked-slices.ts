/**
 * Long slices along one axis as picks of positions: ONNX Runtime (1.30) shares those among threads, and copies slices with
 * one. Measured, twice as fast for a megabyte in pieces of 32 KiB.
 */
import type { OnnxGraph, OnnxInitializer, OnnxNode } from './onnx/graph.ts';
import { integers, integersOf, lineOf, shapesOf, standardNode } from './onnx/graph-parts.ts';

/** Shorter ones take some microseconds either way. */
const fewestElements = 2 ** 15;
/** Numbers that lie together, at every position: fewer are copied no faster than one by one. */
const smallestPiece = 16;
/** Positions are a constant of the graph. */
const mostPositions = 2 ** 12;

/** The same function, with long slices as picks. */
export function withPickedSlices(graph: OnnxGraph): OnnxGraph {
  const shapes = shapesOf(graph);
  const constants = new Map(graph.initializers.map((constant) => [constant.name, constant]));
  const positions = new Map<string, OnnxInitializer>();
  const nodes = graph.nodes.map((node) => {
    const cut = node.op === 'Slice' ? onlyCut(node, shapes, constants) : undefined;
    if (cut === undefined) return node;
    const { axis, start, size } = cut;
    const name = `positions/${start}-${start + size}`;
    positions.set(
      name,
      integers(
        name,
        Array.from({ length: size }, (_, index) => start + index),
      ),
    );
    return pick(node, name, axis);
  });
  return positions.size === 0
    ? graph
    : { ...graph, nodes, initializers: [...graph.initializers, ...positions.values()] };
}

interface Cut {
  readonly axis: number;
  readonly start: number;
  readonly size: number;
}

/** What a slice cuts, where it is long, and whole along all axes but one. */
function onlyCut(
  { inputs, outputs }: OnnxNode,
  shapes: ReadonlyMap<string, readonly number[]>,
  constants: ReadonlyMap<string, OnnxInitializer>,
): Cut | undefined {
  const [whole, shape] = [shapes.get(inputs[0]!), shapes.get(outputs[0]!)];
  const [starts, , axes, steps] = inputs.slice(1).map((name) => constants.get(name));
  if (!whole || !shape || !starts || !axes || !steps) return undefined;
  const [begins, strides] = [integersOf(starts), integersOf(steps)];
  const cuts = integersOf(axes)
    .map((axis, at) => ({ axis, start: begins[at]!, step: strides[at]!, size: shape[axis]! }))
    .filter(({ axis, size, step }) => size !== whole[axis] || step !== 1);
  const [cut] = cuts;
  if (cuts.length !== 1 || cut!.step !== 1 || cut!.start < 0 || cut!.size > mostPositions) return undefined;
  const count = (sizes: readonly number[]) => sizes.reduce((product, size) => product * size, 1);
  const isLong = count(shape) >= fewestElements && count(shape.slice(cut!.axis + 1)) >= smallestPiece;
  return isLong ? cut : undefined;
}

function pick(slice: OnnxNode, positions: string, axis: number): OnnxNode {
  const attributes = { axis: { int: axis } };
  return standardNode('Gather', [slice.inputs[0]!, positions], slice.outputs[0]!, { ...lineOf(slice), attributes });
}
