import { neg, reshape, slice, stridedSlice, sub, type Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { encodeOnnx } from './onnx/encode-onnx.ts';
import type { OnnxGraph } from './onnx/graph.ts';
import { withPickedSlices } from './picked-slices.ts';
import { traceFunction } from './trace/trace-function.ts';

/** The graph of a function of `x`. */
function graphOf(shape: readonly number[], run: (x: Tensor) => Tensor): OnnxGraph {
  return traceFunction((_, { x }) => ({ outputs: { y: run(x!) } }), {
    name: 'slices',
    inputs: { x: { shape, dtype: 'float32' } },
    stores: {},
    constants: {},
    lines: 'none',
  });
}

const operators = (graph: OnnxGraph) => graph.nodes.map(({ op }) => op);

async function run(graph: OnnxGraph): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(encodeOnnx(graph));
  const { name, shape } = graph.inputs[0]!;
  const numbers = Float32Array.from({ length: shape.reduce((size, n) => size * n, 1) }, (_, index) => index);
  const results = await session.run({ [name]: new ort.Tensor('float32', numbers, [...shape]) });
  await session.release();
  return Object.values(results)[0]!.data as Float32Array;
}

async function expectSame(graph: OnnxGraph) {
  const [before, after] = [await run(graph), await run(withPickedSlices(graph))];
  expect(after.length).toBe(before.length);
  expect(after.every((value, index) => value === before[index])).toBe(true);
}

describe('a long slice', () => {
  it.each([
    ['the first', [100, 400], [10, 0], [85, 400]],
    ['a middle', [4, 100, 128], [0, 3, 0], [4, 90, 128]],
  ])('along %s axis becomes a pick, once for all slices of the same positions', async (_, shape, begin, size) => {
    const graph = graphOf(shape, (x) => slice(x, begin, size));
    expect(operators(graph)).toContain('Slice');
    const rewritten = withPickedSlices(graph);
    expect(operators(rewritten)).toContain('Gather');
    expect(operators(rewritten)).not.toContain('Slice');
    await expectSame(graph);
    const twice = graphOf(shape, (x) => sub(slice(x, begin, size), slice(neg(x), begin, size)));
    expect(withPickedSlices(twice).initializers.filter(({ name }) => name.startsWith('positions/'))).toHaveLength(1);
  });

  it.each([
    ['two axes', (x: Tensor) => slice(x, [0, 1, 2], [4, 90, 120])],
    ['the last axis', (x: Tensor) => slice(x, [0, 0, 2], [4, 100, 120])],
    ['every second position', (x: Tensor) => stridedSlice(x, [0, 0, 0], [4, 100, 128], [2, 1, 1])],
    ['another axis than the one it reverses', (x: Tensor) => stridedSlice(x, [3, 0, 0], [-5, 90, 128], [-1, 1, 1])],
    ['more positions than are worth a constant', (x: Tensor) => slice(reshape(x, [5120, 10]), [0, 0], [5000, 10])],
  ])('stays what it is along %s', (_, run_) => {
    const graph = graphOf([4, 100, 128], run_);
    expect(withPickedSlices(graph)).toBe(graph);
  });

  it('is the same as before in any direction, along any axes', async () => {
    const axis = (size: number) =>
      fc
        .tuple(
          fc.integer({ min: 0, max: size - 1 }),
          fc.integer({ min: 1, max: size }),
          fc.constantFrom(1, 1, 1, 2, -1),
        )
        .chain(([a, b, step]) =>
          fc.constant(step > 0 ? { begin: Math.min(a, b - 1), end: b, step } : { begin: b - 1, end: -size - 1, step }),
        )
        .chain((cut) => fc.constantFrom(cut, { begin: 0, end: size, step: 1 }));
    await fc.assert(
      fc.asyncProperty(axis(6), axis(70), axis(200), async (...cuts) => {
        const graph = graphOf([6, 70, 200], (x) =>
          stridedSlice(
            x,
            cuts.map(({ begin }) => begin),
            cuts.map(({ end }) => end),
            cuts.map(({ step }) => step),
          ),
        );
        await expectSame(graph);
      }),
      { numRuns: 40 },
    );
  });
});
