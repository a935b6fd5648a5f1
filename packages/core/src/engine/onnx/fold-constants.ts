/**
 * Computes, before a graph is encoded, what stands between its float32 constants and the matrix products that read them:
 * gains of normalizations multiplied into weights, changes of shape, transpositions. The runtime would do the same, but
 * later than weights are to be quantized. Anything else is left to the runtime.
 */
import type { OnnxGraph, OnnxInitializer, OnnxNode } from './graph.ts';
import { pruneGraph } from './prune-graph.ts';

/** The graph with every product, reshape and transposition of float32 constants as a constant of its own, unless it is a result. */
export function foldConstants(graph: OnnxGraph): OnnxGraph {
  const constants = new Map(graph.initializers.map((constant) => [constant.name, constant]));
  const results = new Set(graph.outputs.map(({ name }) => name));
  const nodes: OnnxNode[] = [];
  for (const node of graph.nodes) {
    const folded = results.has(node.outputs[0]!) ? undefined : fold(node, constants);
    if (folded === undefined) nodes.push(node);
    else constants.set(folded.name, folded);
  }
  return pruneGraph({ ...graph, nodes, initializers: [...constants.values()] });
}

/** The numbers of a float32 constant, as they lie. */
export function floatsOf({ bytes }: OnnxInitializer): Float32Array {
  if (bytes.byteOffset % 4 !== 0) return new Float32Array(bytes.slice().buffer);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/** The bytes of an array, as they lie. */
export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function fold(node: OnnxNode, constants: ReadonlyMap<string, OnnxInitializer>): OnnxInitializer | undefined {
  const [first, second] = node.inputs.map((input) => constants.get(input));
  const name = node.outputs[0]!;
  if (node.domain !== '' || first?.dtype !== 'float32') return undefined;
  if (node.op === 'Identity') return { ...first, name };
  if (node.op === 'Reshape') return second === undefined ? undefined : reshaped(name, first, second);
  if (node.op === 'Mul') return second?.dtype === 'float32' ? multiplied(name, first, second) : undefined;
  if (node.op === 'Transpose' && first.shape.length === 2) return turned(name, first, node);
  return undefined;
}

function reshaped(name: string, of: OnnxInitializer, to: OnnxInitializer): OnnxInitializer | undefined {
  const sizes = new BigInt64Array(to.bytes.slice().buffer);
  const shape = Array.from(sizes, Number);
  if (shape.some((size) => size < 0) || count(shape) !== count(of.shape)) return undefined; // sizes to be inferred
  return { ...of, name, shape };
}

/** The product of two matrices of one shape, or of a matrix and a column or row of numbers. */
function multiplied(name: string, a: OnnxInitializer, b: OnnxInitializer): OnnxInitializer | undefined {
  const [matrix, factor] = count(a.shape) >= count(b.shape) ? [a, b] : [b, a];
  const [rows, columns, ...more] = matrix.shape;
  if (rows === undefined || columns === undefined || more.length > 0) return undefined;
  if (factor.shape.length !== 2) return undefined;
  const [factorRows, factorColumns] = factor.shape as [number, number];
  if ((factorRows !== rows && factorRows !== 1) || (factorColumns !== columns && factorColumns !== 1)) return undefined;
  const [x, y] = [floatsOf(matrix), floatsOf(factor)];
  const [byRow, byColumn] = [factorRows === 1 ? 0 : factorColumns, factorColumns === 1 ? 0 : 1];
  const product = new Float32Array(x.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      product[at] = x[at]! * y[row * byRow + column * byColumn]!;
    }
  }
  return { name, dtype: 'float32', shape: matrix.shape, bytes: bytesOf(product) };
}

function turned(name: string, matrix: OnnxInitializer, { attributes }: OnnxNode): OnnxInitializer | undefined {
  const perm = attributes['perm'];
  if (perm !== undefined && 'ints' in perm && perm.ints.join() !== '1,0') return undefined;
  const [rows, columns] = matrix.shape as [number, number];
  return {
    name,
    dtype: 'float32',
    shape: [columns, rows],
    bytes: bytesOf(transposeMatrix(floatsOf(matrix), rows, columns)),
  };
}

/** The columns of a row-major matrix one after another. */
function transposeMatrix(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column]!;
  }
  return result;
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
