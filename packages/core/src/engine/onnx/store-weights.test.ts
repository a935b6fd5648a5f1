import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { wave } from '../../../../../test/support/tiny-numbers.ts';
import { encodeOnnx } from './encode-onnx.ts';
import { bytesOf } from './fold-constants.ts';
import type { OnnxGraph, OnnxNode } from './graph.ts';
import { blockSize, quantizeBlocks } from './quantized-blocks.ts';
import { type StoredWeights, storeWeights } from './store-weights.ts';

const [rows, inner, outer] = [3, 96, 40];
const x = wave(1, rows * inner);
const w = wave(2, inner * outer);
const gain = wave(3, inner);

/** `y = x (gain w)`, with the gain as a column that a reshape makes. */
function product(kind: 'plain' | 'transposed'): OnnxGraph {
  const plain = kind === 'plain';
  const last: OnnxNode = plain
    ? { op: 'MatMul', domain: '', inputs: ['x', 'scaled'], outputs: ['y'], attributes: {} }
    : {
        op: 'FusedMatMul',
        domain: 'com.microsoft',
        inputs: ['x', 'w'],
        outputs: ['y'],
        attributes: { transA: { int: 0 }, transB: { int: 1 } },
      };
  return {
    name: 'product',
    nodes: [
      { op: 'Reshape', domain: '', inputs: ['gain', 'column'], outputs: ['gains'], attributes: {} },
      { op: 'Mul', domain: '', inputs: ['gains', 'w'], outputs: ['scaled'], attributes: {} },
      last,
    ],
    initializers: [
      { name: 'w', dtype: 'float32', shape: plain ? [inner, outer] : [outer, inner], bytes: bytesOf(w) },
      { name: 'gain', dtype: 'float32', shape: [inner], bytes: bytesOf(gain) },
      { name: 'column', dtype: 'int64', shape: [2], bytes: bytesOf(BigInt64Array.of(-1n, 1n)) },
    ].map((constant) =>
      constant.name === 'column' ? { ...constant, bytes: bytesOf(BigInt64Array.of(BigInt(inner), 1n)) } : constant,
    ) as OnnxGraph['initializers'],
    inputs: [{ name: 'x', shape: [rows, inner], dtype: 'float32' }],
    outputs: [{ name: 'y', shape: [rows, outer], dtype: 'float32' }],
    work: 0,
  };
}

/** The columns that are multiplied by, one after another. */
function columnsOf(kind: 'plain' | 'transposed'): Float32Array {
  if (kind === 'transposed') return w;
  return Float32Array.from({ length: w.length }, (_, at) => {
    const [column, index] = [Math.floor(at / inner), at % inner];
    return Math.fround(w[index * outer + column]! * gain[index]!);
  });
}

async function result(
  graph: OnnxGraph,
  feeds: Readonly<Record<string, ort.Tensor>> = { x: new ort.Tensor(x, [rows, inner]) },
) {
  const session = await ort.InferenceSession.create(encodeOnnx(graph));
  const { y } = await session.run(feeds);
  await session.release();
  return y!.data as Float32Array;
}

/** A matrix product in JavaScript. */
function multiply(left: Float32Array, columns: Float32Array): Float32Array {
  return Float32Array.from({ length: rows * outer }, (_, at) => {
    const [row, column] = [Math.floor(at / outer), at % outer];
    let sum = 0;
    for (let index = 0; index < inner; index++) sum += left[row * inner + index]! * columns[column * inner + index]!;
    return sum;
  });
}

function relativeError(found: Float32Array, wanted: Float32Array): number {
  const size = (values: Float32Array) => Math.hypot(...values);
  return size(found.map((value, index) => value - wanted[index]!)) / size(wanted);
}

/** Quantized by hand and made floats again. */
function rounded(columns: Float32Array, bits: 4 | 8): Float32Array {
  const { packed, scales, zeros, blocks } = quantizeBlocks(
    { values: columns, inner, columns: outer, innerAxis: 'columns' },
    bits,
  );
  return columns.map((_, at) => {
    const [column, index] = [Math.floor(at / inner), at % inner];
    const block = column * blocks + Math.floor(index / blockSize);
    const within = block * blockSize + (index % blockSize);
    const level = bits === 8 ? packed[within]! : (packed[within >> 1]! >> (4 * (within & 1))) & 15;
    return scales[block]! * (level - zeros[block]!);
  });
}

/** Activations as the runtime's operator rounds them: 8 bits, a scale for every 32 of a row. */
function roundedActivations(): Float32Array {
  return x.map((value, at) => {
    const begin = at - ((at % inner) % blockSize);
    const scale = Math.max(...x.subarray(begin, begin + blockSize).map(Math.abs)) / 127;
    return Math.round(value / scale) * scale;
  });
}

describe.each(['plain', 'transposed'] as const)('a %s product with quantized weights', (kind) => {
  it.each([
    ['int8', 8],
    ['int4', 4],
  ] as const)('gives at %s what the rounded matrix gives', async (weights, bits) => {
    const matrix = rounded(columnsOf(kind), bits);
    const exact = multiply(x, matrix);
    const portable = await result(storeWeights(product(kind), { weights, operators: 'portable' }));
    expect(relativeError(portable, exact)).toBeLessThan(1e-5);
    const runtime = await result(storeWeights(product(kind), { weights }));
    expect(relativeError(runtime, exact)).toBeLessThan(1e-2); // it rounds activations to 8 bits as well
    expect(relativeError(runtime, multiply(roundedActivations(), matrix))).toBeLessThan(1e-3);
  });

  it('is the farther off the fewer bits there are', async () => {
    const exact = multiply(x, columnsOf(kind));
    const errorOf = async (options: StoredWeights) =>
      relativeError(await result(storeWeights(product(kind), options)), exact);
    const [half, eight, four] = [
      await errorOf({ weights: 'float16' }),
      await errorOf({ weights: 'int8' }),
      await errorOf({ weights: 'int4' }),
    ];
    expect(half).toBeLessThan(1e-3);
    expect(eight).toBeGreaterThan(2 * half);
    expect(four).toBeGreaterThan(2 * eight);
    expect(four).toBeLessThan(0.2);
  });

  it('takes as many bytes as its format says', () => {
    const bytes = (options: StoredWeights) =>
      storeWeights(product(kind), options).initializers.reduce((total, constant) => total + constant.bytes.length, 0);
    const whole = 4 * inner * outer;
    expect(bytes({ weights: 'float16' }) / whole).toBeCloseTo(1 / 2, 2);
    expect(bytes({ weights: 'int8' }) / whole).toBeCloseTo((8 + 1) / 32, 2); // a float of scale for every 32
    expect(bytes({ weights: 'int4' }) / whole).toBeCloseTo((4 + 1 + 4 / 24) / 32, 2); // and half a byte of zero
  });
});

describe('storing weights', () => {
  it('leaves a graph with float32 weights as it is', () => {
    const graph = product('plain');
    expect(storeWeights(graph, { weights: 'float32' })).toBe(graph);
  });

  it('leaves products of two activations and products by small matrices as they are', () => {
    const graph: OnnxGraph = {
      ...product('plain'),
      nodes: [
        { op: 'MatMul', domain: '', inputs: ['x', 'small'], outputs: ['a'], attributes: {} },
        { op: 'MatMul', domain: '', inputs: ['turned', 'a'], outputs: ['y'], attributes: {} },
      ],
      initializers: [{ name: 'small', dtype: 'float32', shape: [inner, 2], bytes: bytesOf(wave(4, inner * 2)) }],
      inputs: [
        { name: 'x', shape: [rows, inner], dtype: 'float32' },
        { name: 'turned', shape: [2, rows], dtype: 'float32' },
      ],
    };
    const stored = storeWeights(graph, { weights: 'int4' });
    expect(stored.nodes).toEqual(graph.nodes);
    expect(stored.initializers).toEqual(graph.initializers);
  });

  it('keeps a matrix whole for whoever else reads it', async () => {
    const plain = product('plain');
    const graph: OnnxGraph = {
      ...plain,
      nodes: [
        { op: 'MatMul', domain: '', inputs: ['x', 'w'], outputs: ['product'], attributes: {} },
        { op: 'ReduceMax', domain: '', inputs: ['w'], outputs: ['most'], attributes: { keepdims: { int: 0 } } },
        { op: 'Max', domain: '', inputs: ['product', 'most'], outputs: ['y'], attributes: {} },
      ],
    };
    const stored = storeWeights(graph, { weights: 'int8' });
    expect(stored.initializers.map(({ name }) => name).toSorted()).toEqual([
      'w',
      'w.int8.turned',
      'w.int8.turned.scales',
    ]);
    const found = await result(stored);
    expect(Math.min(...found)).toBe(Math.max(...w));
  });

  it('picks rows of a table of float16, in every smaller format', async () => {
    const graph: OnnxGraph = {
      ...product('plain'),
      nodes: [{ op: 'Gather', domain: '', inputs: ['w', 'ids'], outputs: ['y'], attributes: {} }],
      inputs: [{ name: 'ids', shape: [2], dtype: 'int32' }],
      outputs: [{ name: 'y', shape: [2, outer], dtype: 'float32' }],
    };
    for (const weights of ['float16', 'int8', 'int4'] as const) {
      const stored = storeWeights(graph, { weights });
      expect(stored.initializers.map(({ dtype }) => dtype)).toEqual(['float16']);
      const found = await result(stored, { ids: new ort.Tensor(Int32Array.of(5, 0), [2]) });
      expect(
        relativeError(found, Float32Array.of(...w.subarray(5 * outer, 6 * outer), ...w.subarray(0, outer))),
      ).toBeLessThan(5e-4);
    }
  });

  it('leaves a table alone of which columns are picked: they may be anything', () => {
    const graph: OnnxGraph = {
      ...product('plain'),
      nodes: [{ op: 'Gather', domain: '', inputs: ['w', 'ids'], outputs: ['y'], attributes: { axis: { int: 1 } } }],
      inputs: [{ name: 'ids', shape: [2], dtype: 'int32' }],
      outputs: [{ name: 'y', shape: [inner, 2], dtype: 'float32' }],
    };
    expect(storeWeights(graph, { weights: 'float16' }).nodes).toEqual(graph.nodes);
  });

  it('keeps results that are constants', async () => {
    const graph: OnnxGraph = {
      ...product('plain'),
      nodes: [{ op: 'Identity', domain: '', inputs: ['w'], outputs: ['y'], attributes: {} }],
      outputs: [{ name: 'y', shape: [inner, outer], dtype: 'float32' }],
    };
    expect(await result(storeWeights(graph, { weights: 'int8' }))).toEqual(w);
  });
});
