/**
 * Products whose first operand is transposed, as gradients of weights are. ONNX Runtime (1.30) transposes such an operand
 * as it goes, once for every 128 columns of the result, and is a quarter slower for it. Where that is often enough, over all
 * products with the operand, one transposition before them is the shorter way.
 */
import type { OnnxGraph, OnnxInitializer, OnnxNode } from './onnx/graph.ts';

const columnBlock = 128;
/** Measured: a transposition of its own takes as long as 3 in passing do. */
const worthwhile = 4;
/** Smaller operands are not worth a node. */
const fewestElements = 2 ** 14;

/** The same function, with operands transposed beforehand. */
export function withTransposedOperands(graph: OnnxGraph): OnnxGraph {
  const shapeOf = knownShapes(graph);
  const origins = originsOf(graph);
  /** The operand that a product transposes; the same values in the same shape have one name, however often reshaped. */
  const operandOf = (node: OnnxNode): Operand | undefined => {
    const [x, y] = node.inputs;
    const [shape, other] = [shapeOf(x!), shapeOf(y!)];
    if (!isTransposing(node) || shape?.length !== 2 || other?.length !== 2) return undefined;
    if (shape[0]! * shape[1]! < fewestElements) return undefined;
    const value = origins.get(x!) ?? x!;
    return { value, shape, name: `${value}/${shape.join('x')}`, blocks: Math.ceil(other[1]! / columnBlock) };
  };
  const operands = new Map(graph.nodes.map((node) => [node, operandOf(node)]));
  const blocks = new Map<string, number>();
  for (const operand of operands.values()) {
    if (operand !== undefined) blocks.set(operand.name, (blocks.get(operand.name) ?? 0) + operand.blocks);
  }
  const made = new Map<string, Transposition>();
  const nodes = graph.nodes.flatMap((node): readonly OnnxNode[] => {
    const operand = operands.get(node);
    if (operand === undefined || blocks.get(operand.name)! < worthwhile) return [node];
    const known = made.get(operand.name);
    const transposed = known ?? transposition(operand, node.source);
    made.set(operand.name, transposed);
    const inputs = [transposed.result, node.inputs[1]!];
    const product = { ...node, op: 'MatMul', domain: '', inputs, attributes: {} };
    return known === undefined ? [...transposed.nodes, product] : [product];
  });
  if (made.size === 0) return graph;
  const initializers = [...made.values()].flatMap((each) => each.initializers);
  return { ...graph, nodes, initializers: [...graph.initializers, ...initializers] };
}

interface Operand {
  readonly name: string;
  /** The graph value that has its numbers, in this shape or another. */
  readonly value: string;
  readonly shape: readonly number[];
  /** How often it is transposed for this product. */
  readonly blocks: number;
}

interface Transposition {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  readonly result: string;
}

/** What values were before they were reshaped or merely named anew, by name. */
function originsOf({ nodes }: OnnxGraph): ReadonlyMap<string, string> {
  const origins = new Map<string, string>();
  for (const { op, inputs, outputs } of nodes) {
    if (op === 'Reshape' || op === 'Identity') origins.set(outputs[0]!, origins.get(inputs[0]!) ?? inputs[0]!);
  }
  return origins;
}

function isTransposing({ op, attributes: { transA, transB, ...others } }: OnnxNode): boolean {
  const is = (attribute: OnnxNode['attributes'][string] | undefined) =>
    attribute !== undefined && 'int' in attribute && attribute.int === 1;
  return op === 'FusedMatMul' && is(transA) && !is(transB) && Object.keys(others).length === 0;
}

function knownShapes(graph: OnnxGraph): (value: string) => readonly number[] | undefined {
  const declared = [...graph.inputs, ...graph.outputs, ...graph.initializers].map(
    ({ name, shape }) => [name, shape] as const,
  );
  const all = new Map([...(graph.shapes ?? []), ...declared]);
  return (value) => all.get(value);
}

/** In three axes, the first of size 1: ONNX Runtime would take one in two back into the products. */
function transposition({ name, value, shape }: Operand, source: string | undefined): Transposition {
  const [rows, columns] = shape as [number, number];
  const part = (of: string) => `${name}/${of}`;
  const step = (op: string, inputs: readonly string[], output: string, attributes: OnnxNode['attributes'] = {}) => ({
    ...(source !== undefined && { source }),
    op,
    domain: '',
    inputs,
    outputs: [output],
    attributes,
  });
  const integers = (of: string, ...values: readonly number[]): OnnxInitializer => ({
    name: part(of),
    shape: [values.length],
    dtype: 'int64',
    bytes: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
  });
  const result = part('transposed');
  return {
    initializers: [integers('wide', 1, rows, columns), integers('flat', columns, rows)],
    nodes: [
      step('Reshape', [value, part('wide')], part('widened')),
      step('Transpose', [part('widened')], part('turned'), { perm: { ints: [2, 0, 1] } }),
      step('Reshape', [part('turned'), part('flat')], result),
    ],
    result,
  };
}
