import type { HostTensor } from '@transfuse/core/contracts';
import { createCompiledEngine, createEagerEngine } from '@transfuse/core/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestDifference, sizeOf, wave } from '../../../../test/support/tiny-numbers.ts';
import { runOnce } from '../../../../test/support/tiny-run.ts';
import { double, halve } from './patch-resampling.ts';

const engines = { eager: await createEagerEngine(), compiled: createCompiledEngine({ threads: 1, cache: 'none' }) };
const array = (shape: readonly number[], data: Float32Array): HostTensor => ({ shape, dtype: 'float32', data });
const identity = (size: number) =>
  array(
    [size, size],
    Float32Array.from({ length: size * size }, (_, index) => (index % (size + 1) === 0 ? 1 : 0)),
  );

describe.each(Object.entries(engines))('halving and doubling, %s', (_, engine) => {
  it('gather squares of 2 x 2 row by row, channels innermost', async () => {
    // 2 rows and 4 columns of one channel: 0 1 2 3 above 4 5 6 7
    const { squares } = await runOnce(engine, (fed) => ({ squares: halve(fed, 'm', fed['x']!) }), {
      'm.weight': identity(4),
      'm.bias': array([4], new Float32Array(4)),
      x: array([1, 2, 4, 1], Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7)),
    });
    expect(squares!.shape).toEqual([1, 1, 2, 4]);
    expect([...squares!.data]).toEqual([0, 1, 4, 5, 2, 3, 6, 7]);
  });

  it('undo each other where their layers are the identity, at every size', async () => {
    const sizes = fc.record({
      batch: fc.integer({ min: 1, max: 3 }),
      rows: fc.integer({ min: 1, max: 3 }),
      columns: fc.integer({ min: 1, max: 4 }),
      channels: fc.integer({ min: 1, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ batch, rows, columns, channels }) => {
        const shape = [batch, 2 * rows, 2 * columns, channels];
        const data = wave(3, sizeOf(shape));
        const { same } = await runOnce(engine, (fed) => ({ same: double(fed, 'm', halve(fed, 'm', fed['x']!)) }), {
          'm.weight': identity(4 * channels),
          'm.bias': array([4 * channels], new Float32Array(4 * channels)),
          x: array(shape, data),
        });
        expect(same!.shape).toEqual(shape);
        expect(largestDifference(same!.data, data)).toBe(0);
      }),
      { numRuns: 10 },
    );
  });
});
