import { describe, expect, it } from 'vitest';
import { smoothed } from './smoothed-line.ts';

describe('smoothed line', () => {
  it('leaves short series as they are', () => {
    expect(smoothed([3, 1, 2])).toEqual([3, 1, 2]);
    expect(smoothed([])).toEqual([]);
  });

  it('does not lag behind a straight fall', () => {
    const falling = Array.from({ length: 200 }, (_, index) => 200 - index);
    const trend = smoothed(falling);
    falling.slice(0, -4).forEach((value, index) => expect(trend[index]).toBeCloseTo(value, 9)); // four neighbours on each side
  });

  it('calms noise down to its mean, at the end too', () => {
    const noisy = Array.from({ length: 1000 }, (_, index) => 5 + (index % 2 === 0 ? 1 : -1));
    const trend = smoothed(noisy);
    expect(Math.abs((trend[500] ?? NaN) - 5)).toBeLessThan(0.1);
    expect(Math.abs((trend.at(-1) ?? NaN) - 5)).toBeLessThan(0.1);
  });

  it('keeps gaps and does not average them in', () => {
    const values = Array.from({ length: 100 }, (_, index) => (index === 50 ? NaN : 2));
    const trend = smoothed(values);
    expect(trend[50]).toBeNaN();
    expect(trend[51]).toBe(2);
  });
});
