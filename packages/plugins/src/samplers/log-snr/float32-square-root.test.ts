import { describe, expect, it } from 'vitest';
import { float32SquareRoot } from './float32-square-root.ts';

describe('float32SquareRoot', () => {
  it('is within a unit in the last place below the root, and right for most numbers', () => {
    let wrong = 0;
    for (let i = 0; i < 4000; i += 1) {
      const x = Math.fround(1.0173 ** (i - 2000));
      const root = Math.fround(Math.sqrt(x));
      const found = float32SquareRoot(x);
      expect(root - found).toBeGreaterThanOrEqual(0);
      expect((root - found) / root).toBeLessThan(1.2e-7);
      if (found !== root) wrong += 1;
    }
    expect(wrong).toBeGreaterThan(0);
    expect(wrong).toBeLessThan(80);
    expect([0, 0.25, 1, 16, Infinity].map(float32SquareRoot)).toEqual([0, 0.5, 1, 4, Infinity]);
  });

  it.each([
    [0.000537330168299377, 0.023180382326245308],
    [2331.872802734375, 48.289466857910156],
    [0.9061938524246216, Math.fround(Math.sqrt(0.9061938524246216))],
  ])('errs where PyTorch errs: at %f', (x, root) => {
    expect(float32SquareRoot(x)).toBe(root); // torch.sqrt of PyTorch 2.15 with AVX512
  });
});
