/**
 * Rewrites a graph so that it consists of ONNX's standard operators alone, for runtimes that lack ONNX Runtime's own:
 * `FusedMatMul`, `RotaryEmbedding`, `QuickGelu` and `SimplifiedLayerNormalization` become what they stand for.
 */
import { TransfuseError } from '../../errors/index.ts';
import { floatsOf } from './fold-constants.ts';
import type { OnnxAttribute, OnnxGraph, OnnxInitializer, OnnxNode } from './graph.ts';
import { integers, scalar, shapesOf, standardNode } from './graph-parts.ts';
import { pruneGraph } from './prune-graph.ts';

/** Adds the nodes that stand for one node; the last one that is told a name makes its result. */
interface Rewriting {
  /** A node with one result, named if it is one of the rewritten node's. */
  op(op: string, inputs: readonly string[], attributes?: OnnxNode['attributes'], result?: string): string;
  /** A constant of sizes or positions. */
  integers(...values: number[]): string;
  /** A float32 scalar. */
  scalar(value: number): string;
  shapeOf(value: string): readonly number[];
  constantOf(value: string): OnnxInitializer | undefined;
}

type Rule = (node: OnnxNode, to: Rewriting) => void;

/** The graph in standard operators. Throws `engine.unsupported-op` for an operator that has no rule here. */
export function portableGraph(graph: OnnxGraph): OnnxGraph {
  const nodes: OnnxNode[] = [];
  const initializers = [...graph.initializers];
  const constants = new Map(initializers.map((constant) => [constant.name, constant]));
  const shapes = shapesOf(graph);
  let fresh = 0;
  const named = () => `portable/${fresh++}`;
  const constant = (added: OnnxInitializer) => {
    initializers.push(added);
    return added.name;
  };
  const to: Rewriting = {
    op(op, inputs, attributes = {}, result = named()) {
      nodes.push(standardNode(op, inputs, result, { attributes }));
      return result;
    },
    integers: (...values) => constant(integers(named(), values)),
    scalar: (value) => constant(scalar(named(), value)),
    shapeOf(value) {
      const shape = shapes.get(value);
      if (shape === undefined) throw unportable(graph.name, `${value} of unknown shape`);
      return shape;
    },
    constantOf: (value) => constants.get(value),
  };
  for (const node of graph.nodes) {
    const rule = rules[node.op];
    if (rule !== undefined) rule(node, to);
    else if (node.domain === '') nodes.push(node);
    else throw unportable(graph.name, `the operator ${node.domain}.${node.op}`);
  }
  return pruneGraph({ ...graph, nodes, initializers });
}

const rules: Readonly<Record<string, Rule>> = {
  FusedMatMul({ inputs, outputs, attributes }, to) {
    const [a, b] = inputs as [string, string];
    const operand = (value: string, transposed: number) => {
      if (transposed === 0) return value;
      const rank = to.shapeOf(value).length;
      const perm = Array.from({ length: rank }, (_, axis) => axis);
      return to.op('Transpose', [value], { perm: { ints: [...perm.slice(0, -2), rank - 1, rank - 2] } });
    };
    const scale = numberOf(attributes['alpha'], 1);
    const factors = [operand(a, numberOf(attributes['transA'], 0)), operand(b, numberOf(attributes['transB'], 0))];
    if (scale === 1) to.op('MatMul', factors, {}, outputs[0]);
    else to.op('Mul', [to.op('MatMul', factors), to.scalar(scale)], {}, outputs[0]);
  },

  /** `x * sigmoid(alpha x)`. */
  QuickGelu({ inputs, outputs, attributes }, to) {
    const x = inputs[0]!;
    const alpha = numberOf(attributes['alpha'], 1.702);
    const inner = alpha === 1 ? x : to.op('Mul', [x, to.scalar(alpha)]);
    to.op('Mul', [x, to.op('Sigmoid', [inner])], {}, outputs[0]);
  },

  /** `x / sqrt(mean(x^2) + epsilon) * gain` over the last axis, and the reciprocal root. */
  SimplifiedLayerNormalization({ inputs, outputs, attributes }, to) {
    const [x, gain] = inputs as [string, string];
    const [result, inverse] = outputs;
    const keep = { keepdims: { int: 1 } };
    const mean = to.op('ReduceMean', [to.op('Mul', [x, x]), to.integers(-1)], keep);
    const root = to.op('Sqrt', [to.op('Add', [mean, to.scalar(numberOf(attributes['epsilon'], 1e-5))])]);
    const scale = to.op('Reciprocal', [root], {}, inverse === '' ? undefined : inverse);
    const known = to.constantOf(gain);
    if (known !== undefined && floatsOf(known).every((value) => value === 1)) {
      to.op('Mul', [x, scale], {}, result);
    } else to.op('Mul', [to.op('Mul', [x, scale]), gain], {}, result);
  },

  /** Pairs a feature of the first half of a head with its counterpart in the second, and turns them by the position's angle. */
  RotaryEmbedding({ inputs, outputs, attributes }, to) {
    const [x, positions, cosine, sine] = inputs as [string, string, string, string];
    const [batch, length, width] = to.shapeOf(x) as [number, number, number];
    const heads = numberOf(attributes['num_heads'], 1);
    const half = width / heads / 2;
    const grid = to.op('Reshape', [x, to.integers(batch, length, heads, 2 * half)]);
    const part = (begin: number) =>
      to.op('Slice', [grid, to.integers(begin), to.integers(begin + half), to.integers(3)]);
    const angle = (table: string) =>
      to.op('Reshape', [to.op('Gather', [table, positions]), to.integers(batch, length, 1, half)]);
    const [first, second, c, s] = [part(0), part(half), angle(cosine), angle(sine)];
    const product = (a: string, b: string) => to.op('Mul', [a, b]);
    const turned = [
      to.op('Sub', [product(first, c), product(second, s)]),
      to.op('Add', [product(first, s), product(second, c)]),
    ];
    const joined = to.op('Concat', turned, { axis: { int: 3 } });
    to.op('Reshape', [joined, to.integers(batch, length, width)], {}, outputs[0]);
  },
};

function numberOf(attribute: OnnxAttribute | undefined, otherwise: number): number {
  if (attribute === undefined) return otherwise;
  if ('int' in attribute) return attribute.int;
  return 'float' in attribute ? attribute.float : otherwise;
}

function unportable(name: string, found: string): TransfuseError {
  return new TransfuseError({
    code: 'engine.unsupported-op',
    place: `portable form of ${name}`,
    found,
    expected: 'operators of the ONNX standard, or those that have a portable form',
    mend: 'Export without the portable form, for ONNX Runtime.',
  });
}
