/**
 * Products whose first operand is transposed, as gradients of weights are. ONNX Runtime (1.30) transposes such an operand
 * as it goes, once for every 128 columns of the result, and is a quarter slower for it. Where that is often enough, over all
 * products with the operand, one transposition before them is the shorter way.
 */
import type { OnnxGraph, OnnxInitializer, OnnxNode } from './onnx/graph.ts';
import { integers, lineOf, shapesOf, standardNode } from './onnx/graph-parts.ts';

const columnBlock = 128;
/** Measured: a transposition of its own takes as long as 3 in passing do. */
const fewestBlocks = 4;
/** Smaller operands are not worth a node. */
const fewestElements = 2 ** 14;

/** The same function, with operands transposed beforehand. */
export function withTransposedOperands(graph: OnnxGraph): OnnxGraph {
  const worthwhile = transposedOperands(graph).filter(({ blocks }) => blocks >= fewestBlocks);
  if (worthwhile.length === 0) return graph;
  const made = worthwhile.map((operand) => ({ ...operand, ...transposition(operand) }));
  const before = new Map(made.map(({ products: [first], nodes }) => [first, nodes]));
  const results = new Map(
    made.flatMap(({ products, result }) => products.map((product) => [product, result] as const)),
  );
  const nodes = graph.nodes.flatMap((node) => {
    const result = results.get(node);
    if (result === undefined) return [node];
    const product = { ...node, op: 'MatMul', domain: '', inputs: [result, node.inputs[1]!], attributes: {} };
    return [...(before.get(node) ?? []), product];
  });
  return {
    ...graph,
    nodes,
    initializers: [...graph.initializers, ...made.flatMap(({ initializers }) => initializers)],
  };
}

/** A matrix that products transpose. */
interface Operand {
  /** The graph value that has its numbers, in this shape or another. */
  readonly value: string;
  readonly shape: readonly [number, number];
  /** In the order of the graph. */
  readonly products: readonly OnnxNode[];
  /** How often it is transposed for all of them. */
  readonly blocks: number;
}

/** Each once: the same values in the same shape are one operand, however often they were reshaped. */
function transposedOperands(graph: OnnxGraph): readonly Operand[] {
  const shapes = shapesOf(graph);
  const origins = originsOf(graph);
  const operands = new Map<string, Operand>();
  for (const node of graph.nodes.filter(isTransposing)) {
    const [x, y] = node.inputs as [string, string];
    const [shape, other] = [shapes.get(x), shapes.get(y)];
    if (!isMatrix(shape) || !isMatrix(other) || shape[0] * shape[1] < fewestElements) continue;
    const value = origins.get(x) ?? x;
    const key = `${value} ${shape.join()}`;
    const { products, blocks } = operands.get(key) ?? { products: [], blocks: 0 };
    const more = Math.ceil(other[1] / columnBlock);
    operands.set(key, { value, shape, products: [...products, node], blocks: blocks + more });
  }
  return [...operands.values()];
}

/** What values were before they were reshaped or merely named anew, by name. */
function originsOf({ nodes }: OnnxGraph): ReadonlyMap<string, string> {
  const origins = new Map<string, string>();
  for (const { op, inputs, outputs } of nodes) {
    if (op === 'Reshape' || op === 'Identity') origins.set(outputs[0]!, origins.get(inputs[0]!) ?? inputs[0]!);
  }
  return origins;
}

/** Whether a node is a product with its first operand transposed, and nothing besides. */
function isTransposing({ op, domain, attributes }: OnnxNode): boolean {
  if (op !== 'FusedMatMul' || domain !== 'com.microsoft') return false;
  const set = Object.entries(attributes).filter(([, value]) => !('int' in value) || value.int !== 0);
  return set.length === 1 && set[0]![0] === 'transA';
}

function isMatrix(shape: readonly number[] | undefined): shape is readonly [number, number] {
  return shape?.length === 2;
}

/** In three axes, the first of size 1: ONNX Runtime would take one in two back into the products. */
function transposition({ value, shape, products }: Operand): {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  readonly result: string;
} {
  const [rows, columns] = shape;
  const line = lineOf(products[0]!);
  const name = (part: string) => `${value}/${rows}x${columns}/${part}`;
  const turn = { ...line, attributes: { perm: { ints: [2, 0, 1] } } };
  const result = name('transposed');
  return {
    initializers: [integers(name('wide'), [1, rows, columns]), integers(name('flat'), [columns, rows])],
    nodes: [
      standardNode('Reshape', [value, name('wide')], name('widened'), line),
      standardNode('Transpose', [name('widened')], name('turned'), turn),
      standardNode('Reshape', [name('turned'), name('flat')], result, line),
    ],
    result,
  };
}
