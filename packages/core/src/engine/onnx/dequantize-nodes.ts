/**
 * Quantized matrices made floats by standard operators alone, for runtimes without one of their own. A byte holds two 4-bit
 * numbers, which are parted by arithmetic on floats: every runtime has that, few have shifts of bytes.
 */
import { onnxElementType } from './element-type.ts';
import { bytesOf } from './fold-constants.ts';
import type { OnnxAttribute, OnnxDType, OnnxInitializer, OnnxNode } from './graph.ts';
import { blockSize, type QuantizedMatrix } from './quantized-blocks.ts';

/** Nodes that compute a matrix, and the constants they read. */
export interface DequantizingNodes {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
}

/**
 * Nodes whose value `names.result` is the matrix `[K, N]` in floats; constants and values in between begin with the names
 * given.
 */
export function dequantizing(
  matrix: QuantizedMatrix,
  names: { readonly constants: string; readonly result: string },
): DequantizingNodes {
  const { bits, inner, columns, blocks } = matrix;
  const initializers: OnnxInitializer[] = [];
  const nodes: OnnxNode[] = [];
  const constant = (
    suffix: string,
    dtype: OnnxDType,
    shape: readonly number[],
    values: Uint8Array | Float32Array | BigInt64Array,
  ): string => {
    const name = `${names.constants}.${suffix}`;
    initializers.push({ name, dtype, shape, bytes: bytesOf(values) });
    return name;
  };
  const sizes = (suffix: string, ...values: number[]) =>
    constant(suffix, 'int64', [values.length], BigInt64Array.from(values, BigInt));
  let steps = 0;
  const op = (
    name: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string => {
    const value = `${names.result}.${steps++}`;
    nodes.push({ op: name, domain: '', inputs, outputs: [value], attributes });
    return value;
  };
  const toFloat = { to: { int: onnxElementType('float32') } };

  const perBlock = (blockSize * bits) / 8;
  const bytes = constant('bytes', 'uint8', [blocks, perBlock, columns], columnsLast(matrix.packed, columns));
  const scales = constant('scales', 'float32', [blocks, 1, columns], columnsLast(matrix.scales, columns));
  let levels = op('Cast', [bytes], toFloat); // [blocks, 32 or 16, N]
  let zeros: string;
  if (bits === 8) {
    zeros = constant('zero', 'float32', [], Float32Array.of(128));
  } else {
    const sixteen = constant('sixteen', 'float32', [], Float32Array.of(16));
    const high = op('Floor', [op('Div', [levels, sixteen])]);
    const low = op('Sub', [levels, op('Mul', [high, sixteen])]);
    const pair = sizes('pair', blocks, blockSize / 2, 1, columns);
    const both = op('Concat', [op('Reshape', [low, pair]), op('Reshape', [high, pair])], { axis: { int: 2 } });
    levels = op('Reshape', [both, sizes('whole', blocks, blockSize, columns)]);
    const stored = constant('zeros', 'uint8', [blocks, 1, columns], columnsLast(matrix.zeros, columns));
    zeros = op('Cast', [stored], toFloat);
  }
  const weights = op('Mul', [op('Sub', [levels, zeros]), scales]);
  const padded = blocks * blockSize;
  let whole = op('Reshape', [weights, sizes('shape', padded, columns)]);
  if (padded !== inner) {
    whole = op('Slice', [whole, sizes('begin', 0), sizes('end', inner), sizes('axis', 0)]);
  }
  const last = nodes.at(-1)!;
  nodes[nodes.length - 1] = { ...last, outputs: [names.result] };
  return { nodes, initializers };
}

/** `[N, rest]` as `[rest, N]`. */
function columnsLast<Values extends Uint8Array | Float32Array>(values: Values, columns: number): Values {
  const result = values.slice() as Values;
  const rest = values.length / columns;
  for (let column = 0; column < columns; column++) {
    for (let index = 0; index < rest; index++) result[index * columns + column] = values[column * rest + index]!;
  }
  return result;
}
