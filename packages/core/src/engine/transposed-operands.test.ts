import { matMul, neg, reshape, type Tensor, transpose } from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import type { NamedTensors } from '../contracts/tensors.ts';
import { encodeOnnx } from './onnx/encode-onnx.ts';
import type { OnnxGraph } from './onnx/graph.ts';
import { traceFunction } from './trace/trace-function.ts';
import { withTransposedOperands } from './transposed-operands.ts';

const rows = 300;
const width = 64;

/** A graph of products with `x` `[300, 64]` and others `y…` `[300, n]`, by how many columns those have. */
function graphOf(columns: Readonly<Record<string, number>>, run: (given: NamedTensors) => NamedTensors): OnnxGraph {
  const inputs = {
    x: { shape: [rows, width], dtype: 'float32' as const },
    ...Object.fromEntries(
      Object.entries(columns).map(([name, count]) => [name, { shape: [rows, count], dtype: 'float32' as const }]),
    ),
  };
  return traceFunction((_, given) => ({ outputs: run(given) }), {
    name: 'products',
    inputs,
    stores: {},
    constants: {},
    lines: 'none',
  });
}

const transposedProduct = (x: Tensor, y: Tensor) => matMul(x, y, true, false);
const count = (graph: OnnxGraph, op: string) => graph.nodes.filter((node) => node.op === op).length;

async function run(graph: OnnxGraph): Promise<Record<string, readonly number[]>> {
  const session = await ort.InferenceSession.create(encodeOnnx(graph), { graphOptimizationLevel: 'all' });
  const feeds = Object.fromEntries(
    graph.inputs.map(({ name, shape }, at) => {
      const size = shape.reduce((product, n) => product * n, 1);
      const data = Float32Array.from({ length: size }, (_, i) => Math.sin(i * (at + 1)));
      return [name, new ort.Tensor('float32', data, [...shape])];
    }),
  );
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, [...(data as Float32Array)]]));
}

async function expectSame(graph: OnnxGraph, rewritten: OnnxGraph) {
  const [before, after] = [await run(graph), await run(rewritten)];
  expect(Object.keys(after)).toEqual(Object.keys(before));
  for (const [name, values] of Object.entries(before)) {
    values.forEach((value, index) => expect(Math.abs(after[name]![index]! - value)).toBeLessThan(1e-4));
  }
}

describe('an operand that products transpose', () => {
  it('is transposed once before them where they have columns enough together, in whatever shape each had it', async () => {
    const graph = graphOf({ y: 200, z: 200 }, ({ x, y, z }) => {
      const whole = neg(x!);
      const wide = reshape(whole, [10, 30, width]);
      return { first: transposedProduct(whole, y!), second: transposedProduct(reshape(wide, [rows, width]), z!), wide };
    });
    const rewritten = withTransposedOperands(graph);
    expect([count(graph, 'FusedMatMul'), count(rewritten, 'FusedMatMul')]).toEqual([2, 0]);
    expect([count(rewritten, 'MatMul'), count(rewritten, 'Transpose')]).toEqual([2, 1]);
    await expectSame(graph, rewritten);
  });

  it('is left to a product of few columns', () => {
    const graph = graphOf({ y: 384 }, ({ x, y }) => ({ product: transposedProduct(x!, y!) }));
    expect(withTransposedOperands(graph)).toBe(graph);
  });

  it('is transposed in each of two shapes that it is used in', async () => {
    const graph = graphOf({ y: 600 }, ({ x, y }) => ({
      first: transposedProduct(x!, y!),
      second: transposedProduct(reshape(x!, [rows * 2, width / 2]), reshape(y!, [rows * 2, 300])),
      third: transposedProduct(reshape(x!, [rows * 2, width / 2]), transpose(reshape(y!, [300, rows * 2]))),
    }));
    const rewritten = withTransposedOperands(graph);
    expect(count(rewritten, 'FusedMatMul')).toBe(0);
    await expectSame(graph, rewritten);
  });

  it('is not touched where both operands are transposed, or products are done in batches', () => {
    const graph = graphOf({ y: 600 }, ({ x, y }) => ({
      both: matMul(x!, reshape(y!, [600, rows]), true, true),
      batches: matMul(reshape(x!, [2, 150, width]), reshape(y!, [2, 150, 600]), true, false),
    }));
    expect(withTransposedOperands(graph)).toBe(graph);
  });
});
