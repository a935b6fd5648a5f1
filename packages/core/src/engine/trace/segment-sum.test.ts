import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createCompiledEngine } from '../compiled-engine.ts';

const engine = createCompiledEngine({ threads: 4, cache: 'none' });
afterAll(() => engine.dispose());

interface Sizes {
  readonly rows: number;
  readonly width: number;
  readonly segments: number;
}

/** Sums over rows of equal ids, in a function with work enough for several threads. */
async function compileSums({ rows, width, segments }: Sizes) {
  const sums = await engine.compile(
    (_stores, { values, ids, heavy }) => ({
      outputs: {
        sums: tf.unsortedSegmentSum(values!, ids as tf.Tensor1D, segments),
        work: tf.matMul(heavy!, heavy!), // makes the function worth its threads
      },
    }),
    {
      name: 'sums',
      inputs: {
        values: { shape: [rows, width], dtype: 'float32' },
        ids: { shape: [rows], dtype: 'int32' },
        heavy: { shape: [768, 768], dtype: 'float32' },
      },
    },
  );
  const heavy = new Float32Array(768 * 768);
  return {
    run: async (values: Float32Array, ids: Int32Array) => (await sums.run({ values, ids, heavy }))['sums']!.data,
    dispose: () => sums.dispose(),
  };
}

/** The same sums, one number at a time. */
function added(values: Float32Array, ids: Int32Array, { width, segments }: Sizes): Float32Array {
  const sums = new Float32Array(segments * width);
  ids.forEach((id, row) => {
    if (id < 0 || id >= segments) return;
    for (let i = 0; i < width; i++) sums[id * width + i]! += values[row * width + i]!;
  });
  return sums;
}

describe('a sum over rows of equal ids', () => {
  it.each([
    ['as a product', { rows: 4096, width: 64, segments: 128 }],
    ['sorted', { rows: 4096, width: 64, segments: 8192 }],
    ['scattered', { rows: 4096, width: 7, segments: 8192 }],
  ])('loses nothing among threads, %s', async (_, sizes) => {
    const { rows, width } = sizes;
    const sums = await compileSums(sizes);
    const ids = Int32Array.from({ length: rows }, (__, i) => (i * i) % 7);
    const values = new Float32Array(rows * width).fill(1);
    const expected = added(values, ids, sizes);
    for (let run = 0; run < 12; run++) {
      const found = await sums.run(values, ids);
      expect(found.every((value, i) => value === expected[i])).toBe(true);
    }
    await sums.dispose();
  });

  it.each([
    ['as a product', { rows: 256, width: 128, segments: 512 }],
    ['sorted', { rows: 256, width: 128, segments: 4096 }],
    ['scattered', { rows: 256, width: 7, segments: 4096 }],
  ])('leaves out rows of ids that are of no segment, %s', async (_, sizes) => {
    const { rows, width, segments } = sizes;
    const sums = await compileSums(sizes);
    const values = new Float32Array(rows * width).fill(1);
    for (const id of [-1, -2, segments, segments + 1, -(2 ** 31), 2 ** 31 - 1]) {
      const ids = Int32Array.from({ length: rows }, (__, row) => (row === 3 ? id : row % segments));
      const [found, expected] = [await sums.run(values, ids), added(values, ids, sizes)];
      expect(found.every((value, i) => value === expected[i])).toBe(true);
    }
    await sums.dispose();
  });

  // Small whole numbers, whose sums are exact in any order.
  it.each([
    ['in one piece', { rows: 120, width: 300, segments: 5000 }],
    ['in two pieces, one not full', { rows: 129, width: 300, segments: 5000 }],
    ['in full pieces', { rows: 512, width: 64, segments: 1500 }],
    ['in many pieces', { rows: 2000, width: 20, segments: 600 }],
  ])('is right for ids that occur never, once, or through several pieces, sorted %s', async (_, sizes) => {
    const { rows, width, segments } = sizes;
    const sums = await compileSums(sizes);
    // Ids of few different numbers anywhere in the range, its ends included, so that runs of equal ids have every length.
    const samples = fc
      .tuple(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 0, max: 2 ** 30 }))
      .map(([kinds, seed]) => {
        let state = seed;
        const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
        const id = Array.from({ length: kinds }, (__, kind) => (kind === 0 ? segments - 1 : next() % segments));
        const ids = Int32Array.from({ length: rows }, () => id[Math.floor((next() / 2 ** 32) ** 2 * kinds)]!);
        return { ids, values: Float32Array.from({ length: rows * width }, () => (next() >>> 16) % 8) };
      });
    await fc.assert(
      fc.asyncProperty(samples, async ({ ids, values }) => {
        const found = await sums.run(values, ids);
        const expected = added(values, ids, sizes);
        expect(found.every((value, i) => value === expected[i])).toBe(true);
      }),
      { numRuns: 25 },
    );
    await sums.dispose();
  });
});
