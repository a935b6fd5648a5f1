import { zeros } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '@tensorflow/tfjs-backend-cpu';
import { queryRuns } from './query-runs.ts';

const runsOf = (length: number, lookahead: number) => queryRuns(zeros([1, 1, length, length]), lookahead);

describe('queryRuns', () => {
  it('follow one another through all queries, each with every key that one of its queries may see', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), fc.nat(300), (length, lookahead) => {
        const runs = runsOf(length, lookahead);
        expect(runs.map(({ begin }) => begin)).toEqual([0, ...runs.slice(0, -1).map(({ end }) => end)]);
        expect(runs.at(-1)).toMatchObject({ end: length, keys: length });
        for (const { begin, end, keys, mask } of runs) {
          expect(end).toBeGreaterThan(begin);
          expect(keys).toBeGreaterThanOrEqual(Math.min(length, end + lookahead));
          expect(mask.shape).toEqual([1, 1, end - begin, keys]);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('are one where a row is short, and eight where it is long', () => {
    expect(runsOf(255, 0)).toHaveLength(1);
    expect(runsOf(256, 0).map(({ keys }) => keys)).toEqual([128, 256]);
    expect(runsOf(2048, 15)).toHaveLength(8);
  });

  it('do not leave out what a block may see', () => {
    expect(runsOf(512, 200).map(({ begin, keys }) => [begin, keys])).toEqual([
      [0, 328],
      [128, 456],
      [256, 512],
    ]);
  });
});
