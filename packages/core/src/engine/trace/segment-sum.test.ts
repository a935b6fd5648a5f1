import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createCompiledEngine } from '../compiled-engine.ts';

// Sums over rows of equal ids, in a function with work enough for several threads: none may get lost.

const [rows, width] = [4096, 64];

describe('a sum over rows of equal ids', () => {
  it.each([
    ['as a product', 512],
    ['scattered', 8192],
  ])('loses nothing among threads, %s', async (_, segments) => {
    const engine = createCompiledEngine({ threads: 4, cache: 'none' });
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
    const ids = Int32Array.from({ length: rows }, (__, i) => (i * i) % 7);
    const expected = new Float32Array(segments * width);
    for (const id of ids) for (let i = 0; i < width; i++) expected[id * width + i]! += 1;
    const inputs = { values: new Float32Array(rows * width).fill(1), ids, heavy: new Float32Array(768 * 768) };
    for (let run = 0; run < 12; run++) {
      const found = (await sums.run(inputs))['sums']!.data;
      expect(found.every((value, i) => value === expected[i])).toBe(true);
    }
    await engine.dispose();
  });
});
