import { describe, expect, it } from 'vitest';
import { linePath } from './line-path.ts';

describe('line path', () => {
  it('connects points in order', () => {
    expect(
      linePath([
        { x: 0, y: 1 },
        { x: 2, y: 3.14159 },
      ]),
    ).toEqual({ line: 'M0 1L2 3.1', dots: [] });
  });

  it('breaks at gaps and turns a point between two gaps into a dot', () => {
    const points = [1, 2, NaN, 4, NaN, 6, 7].map((y, x) => ({ x, y }));
    expect(linePath(points)).toEqual({ line: 'M0 1L1 2M5 6L6 7', dots: [{ x: 3, y: 4 }] });
  });

  it('draws nothing for nothing', () => {
    expect(linePath([])).toEqual({ line: '', dots: [] });
    expect(linePath([{ x: NaN, y: 1 }])).toEqual({ line: '', dots: [] });
  });

  it('keeps first, extremes and last of a pixel column, in their order', () => {
    const points = [5, 9, 6, 1, 7].map((y, index) => ({ x: 10 + index / 100, y }));
    expect(linePath(points).line).toBe('M10 5L10 9L10 1L10 7');
  });

  it('stays small however long the run is', () => {
    const points = Array.from({ length: 100_000 }, (_, index) => ({ x: index / 250, y: Math.sin(index) * 50 }));
    expect(linePath(points).line.length).toBeLessThan(400 * 4 * 12); // 400 columns, 4 points, 12 characters
  });
});
