/**
 * The pass that stores a graph's weights smaller. Its weights are the float32 matrices among its constants that are the
 * right operand of a product, or whose rows are picked; constants in front of them are folded first, so that what is
 * rounded is what is multiplied. Picked rows, which an embedding is, become float16 in every smaller format.
 */
import type { WeightFormat } from '../../contracts/engine.ts';
import { narrowToFloat16 } from '../../params/half-precision.ts';
import { dequantizing } from './dequantize-nodes.ts';
import { onnxElementType } from './element-type.ts';
import { bytesOf, floatsOf, foldConstants } from './fold-constants.ts';
import type { OnnxGraph, OnnxInitializer, OnnxNode } from './graph.ts';
import { pruneGraph } from './prune-graph.ts';
import { blockSize, packedZeros, quantizeBlocks, type QuantizedMatrix } from './quantized-blocks.ts';

/** How {@link storeWeights} stores. */
export interface StoredWeights {
  readonly weights: WeightFormat;
  /** Whether quantized products may be ONNX Runtime's own operator; default `runtime`. */
  readonly operators?: 'runtime' | 'portable';
}

/** Matrices of fewer weights are left alone: they are no burden, and often gains or tables. */
const smallestMatrix = 512;

/** New nodes and constants that take the place of a node. */
interface Replacement {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  /** The shape of a matrix that a node makes. */
  readonly floats?: { readonly name: string; readonly shape: readonly number[] };
}

/** The graph with its weights stored in a format; the graph itself for `float32`. */
export function storeWeights(graph: OnnxGraph, { weights, operators = 'runtime' }: StoredWeights): OnnxGraph {
  if (weights === 'float32') return graph;
  const folded = foldConstants(graph);
  const matrices = new Map(folded.initializers.filter(isMatrix).map((constant) => [constant.name, constant]));
  const added = new Map<string, OnnxInitializer>();
  const shapes = new Map(folded.shapes);
  const nodes = folded.nodes.flatMap((node) => {
    const replacement = replace(node, matrices, weights, operators);
    for (const constant of replacement?.initializers ?? []) added.set(constant.name, constant);
    if (replacement?.floats !== undefined) shapes.set(replacement.floats.name, replacement.floats.shape);
    return replacement?.nodes ?? [node];
  });
  return pruneGraph({ ...folded, nodes, initializers: [...folded.initializers, ...added.values()], shapes });
}

function isMatrix({ dtype, shape }: OnnxInitializer): boolean {
  return dtype === 'float32' && shape.length === 2 && shape[0]! * shape[1]! >= smallestMatrix;
}

function replace(
  node: OnnxNode,
  matrices: ReadonlyMap<string, OnnxInitializer>,
  weights: Exclude<WeightFormat, 'float32'>,
  operators: 'runtime' | 'portable',
): Replacement | undefined {
  const table = matrices.get(node.inputs[0] ?? '');
  if (table !== undefined && isPickOfRows(node)) return halfRows(node, table);
  const matrix = matrices.get(node.inputs[1] ?? '');
  const transposed = transposition(node);
  if (matrix === undefined || transposed === undefined) return undefined;
  if (weights === 'float16') return halfProduct(node, matrix);
  const [rows, columns] = matrix.shape as [number, number];
  const [inner, outer] = transposed === 'columns' ? [columns, rows] : [rows, columns];
  const quantized = quantizeBlocks(
    { values: floatsOf(matrix), inner, columns: outer, innerAxis: transposed },
    weights === 'int8' ? 8 : 4,
  );
  const name = `${matrix.name}.${weights}${transposed === 'columns' ? '' : '.turned'}`;
  return operators === 'portable' ? plainProduct(node, name, quantized) : quantizedProduct(node, name, quantized);
}

/** Along which axis the inner dimension of a product's right operand lies; undefined for anything but such a product. */
function transposition({ op, domain, attributes }: OnnxNode): 'rows' | 'columns' | undefined {
  if (op === 'MatMul' && domain === '') return 'rows';
  if (op !== 'FusedMatMul') return undefined;
  const set = Object.entries(attributes).filter(([, value]) => !('int' in value) || value.int !== 0);
  return set.length === 1 && set[0]![0] === 'transB' ? 'columns' : undefined;
}

function isPickOfRows({ op, attributes: { axis } }: OnnxNode): boolean {
  return op === 'Gather' && (axis === undefined || ('int' in axis && axis.int === 0));
}

/** Rows picked from a table of halves, and only they made floats. */
function halfRows(node: OnnxNode, table: OnnxInitializer): Replacement {
  const half = halves(table);
  const picked = `${node.outputs[0]!}.float16`;
  return {
    nodes: [
      { ...node, inputs: [half.name, ...node.inputs.slice(1)], outputs: [picked] },
      castToFloat(picked, node.outputs[0]!),
    ],
    initializers: [half],
  };
}

/** A product whose right operand is made floats first. */
function halfProduct(node: OnnxNode, matrix: OnnxInitializer): Replacement {
  const half = halves(matrix);
  const floats = `${node.outputs[0]!}.weights`;
  return {
    nodes: [castToFloat(half.name, floats), { ...node, inputs: [node.inputs[0]!, floats] }],
    initializers: [half],
    floats: { name: floats, shape: matrix.shape },
  };
}

function halves(matrix: OnnxInitializer): OnnxInitializer {
  const bytes = bytesOf(narrowToFloat16(floatsOf(matrix)));
  return { name: `${matrix.name}.float16`, dtype: 'float16', shape: matrix.shape, bytes };
}

function castToFloat(from: string, to: string): OnnxNode {
  const attributes = { to: { int: onnxElementType('float32') } };
  return { op: 'Cast', domain: '', inputs: [from], outputs: [to], attributes };
}

/**
 * The product as one operator, which rounds activations to 8 bits per block too (`accuracy_level` 4): kept in floats it
 * took 5 times as long with 8-bit weights as with plain ones.
 */
function quantizedProduct(node: OnnxNode, name: string, quantized: QuantizedMatrix): Replacement {
  const { bits, inner, columns, blocks, packed, scales } = quantized;
  const constants: OnnxInitializer[] = [
    { name, dtype: 'uint8', shape: [columns, blocks, (blockSize * bits) / 8], bytes: packed },
    { name: `${name}.scales`, dtype: 'float32', shape: [columns * blocks], bytes: bytesOf(scales) },
  ];
  if (bits === 4) {
    const bytes = packedZeros(quantized);
    constants.push({ name: `${name}.zeros`, dtype: 'uint8', shape: [bytes.length], bytes });
  }
  const product: OnnxNode = {
    ...node,
    op: 'MatMulNBits',
    domain: 'com.microsoft',
    inputs: [node.inputs[0]!, ...constants.map((constant) => constant.name)],
    attributes: {
      K: { int: inner },
      N: { int: columns },
      bits: { int: bits },
      block_size: { int: blockSize },
      accuracy_level: { int: 4 },
    },
  };
  return { nodes: [product], initializers: constants };
}

/** The product by a matrix that standard operators make of integers and scales. */
function plainProduct(node: OnnxNode, name: string, quantized: QuantizedMatrix): Replacement {
  const floats = `${node.outputs[0]!}.weights`;
  const { nodes, initializers } = dequantizing(quantized, { constants: name, result: floats });
  const product: OnnxNode = {
    ...node,
    op: 'MatMul',
    domain: '',
    inputs: [node.inputs[0]!, floats],
    attributes: {},
  };
  return { nodes: [...nodes, product], initializers };
}
