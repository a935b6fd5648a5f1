import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestDifference } from '../../../../test/support/tiny-numbers.ts';
import { resampled } from './polyphase-resampler.ts';

interface Case {
  readonly samples: number;
  readonly from: number;
  readonly to: number;
  readonly result: readonly number[];
}
const { sound: reference, resampling } = JSON.parse(
  await readFile(new URL('audio-transforms.fixture.json', import.meta.url), 'utf8'),
) as { sound: readonly number[]; resampling: readonly Case[] };
const referenceSound = Float32Array.from(reference);

describe('resampled', () => {
  it.each(resampling)(
    'gives what scipy gives, $samples samples from $from to $to Hz',
    ({ samples, from, to, result }) => {
      const own = resampled(referenceSound.subarray(0, samples), { from, to });
      expect(own.length).toBe(result.length);
      expect(largestDifference(own, result)).toBeLessThan(1e-6);
    },
  );

  it('leads back to a slow sound, away from its ends', () => {
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 400 }), fc.integer({ min: 101, max: 400 }), (period, to) => {
        const sound = Float32Array.from({ length: 600 }, (_, n) => Math.sin((2 * Math.PI * n) / period));
        const back = resampled(resampled(sound, { from: 100, to }), { from: to, to: 100 });
        expect(largestDifference(back.subarray(50, 550), sound.subarray(50, 550))).toBeLessThan(0.01);
      }),
      { numRuns: 30 },
    );
  });

  it('takes away what the lower rate cannot carry', () => {
    const high = Float32Array.from({ length: 800 }, (_, n) => Math.sin(2 * Math.PI * 0.4 * n)); // 3200 of 8000 Hz
    const low = resampled(high, { from: 8000, to: 4000 }).subarray(20, -20);
    expect(Math.max(...low.map(Math.abs))).toBeLessThan(0.01);
  });
});
