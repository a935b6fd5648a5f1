/**
 * Reads an update of a graph as an expression, from its result backwards: through operations on elements, up to what must
 * be given. That is a store's own tensor, an input, a number, or a value that the graph computes. An operation on two
 * arrays is part of the expression only if one of them depends on what a store holds; the sum of two gradients, say, stays
 * in the graph, which then gives one array and not two.
 */
import type { OnnxGraph, OnnxNode } from '../onnx/graph.ts';

/** The operations that formulas have, as graphs call them. */
type UpdateOperator = 'Add' | 'Sub' | 'Mul' | 'Div' | 'Sqrt';

/** How a value is computed of each element; `value` is its name in the graph. */
export type UpdateExpression =
  | { readonly kind: 'constant'; readonly value: number }
  /** The same for all elements. */
  | { readonly kind: 'number'; readonly value: string }
  | { readonly kind: 'array'; readonly value: string; readonly stored: boolean }
  | {
      readonly kind: 'operation';
      readonly value: string;
      readonly operator: UpdateOperator;
      readonly operands: readonly UpdateExpression[];
      /** Whether it depends on an array that a store holds. */
      readonly stored: boolean;
    };

const operators: ReadonlySet<string> = new Set<UpdateOperator>(['Add', 'Sub', 'Mul', 'Div', 'Sqrt']);

/** Longer chains of operations are begun by the graph. */
const deepest = 64;

/** What {@link readExpression} needs to know of a graph. */
export interface GraphIndex {
  shapeOf(value: string): readonly number[] | undefined;
  readonly producers: ReadonlyMap<string, OnnxNode>;
  /** Constants of one element. */
  readonly constants: ReadonlyMap<string, number>;
  readonly inputs: ReadonlySet<string>;
}

/** Indexes a graph. */
export function indexGraph(graph: OnnxGraph): GraphIndex {
  const declared = [...graph.inputs, ...graph.outputs, ...graph.initializers];
  const own = new Map(declared.map(({ name, shape }) => [name, shape]));
  const singles = graph.initializers.filter(({ dtype, bytes }) => dtype === 'float32' && bytes.length === 4);
  return {
    shapeOf: (value) => own.get(value) ?? graph.shapes?.get(value),
    producers: new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node]))),
    constants: new Map(singles.map(({ name, bytes }) => [name, new Float32Array(bytes.slice().buffer)[0]!])),
    inputs: new Set(graph.inputs.map(({ name }) => name)),
  };
}

/** Whether a graph input is a tensor of a store. */
export function isStored(input: string): boolean {
  return !input.startsWith('input/');
}

/**
 * The expression of a value of this shape, or undefined where it is none: a constant array, or a value of another shape.
 * `known` keeps what was read of the same shape before, so that what is used twice is one object.
 */
export function readExpression(
  graph: GraphIndex,
  value: string,
  shape: readonly number[],
  known: Map<string, UpdateExpression | undefined>,
  depth = 0,
): UpdateExpression | undefined {
  if (!known.has(value)) known.set(value, number() ?? operation() ?? array());
  return known.get(value);

  function number(): UpdateExpression | undefined {
    const constant = graph.constants.get(value);
    if (constant !== undefined) return { kind: 'constant', value: constant };
    const isSingle = graph.shapeOf(value)?.every((size) => size === 1) === true;
    return isSingle ? { kind: 'number', value } : undefined;
  }

  function operation(): UpdateExpression | undefined {
    const node = graph.producers.get(value);
    if (node === undefined || node.domain !== '' || !operators.has(node.op) || !hasShape()) return undefined;
    if (depth === deepest) return undefined;
    const operands = node.inputs.map((input) => readExpression(graph, input, shape, known, depth + 1));
    if (!operands.every((operand) => operand !== undefined)) return undefined;
    const arrays = new Set(operands.filter((operand) => 'stored' in operand));
    const stored = [...arrays].some((operand) => operand.stored);
    if (arrays.size === 0 || (arrays.size > 1 && !stored)) return undefined;
    return { kind: 'operation', value, operator: node.op as UpdateOperator, operands, stored };
  }

  function array(): UpdateExpression | undefined {
    const isInput = graph.inputs.has(value);
    if (!hasShape() || !(isInput || graph.producers.has(value))) return undefined;
    return { kind: 'array', value, stored: isInput && isStored(value) };
  }

  function hasShape(): boolean {
    return graph.shapeOf(value)?.join() === shape.join();
  }
}
