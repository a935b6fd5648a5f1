import { describe, expect, it } from 'vitest';
import { float32Logarithm } from './float32-logarithm.ts';

describe('float32Logarithm', () => {
  it('stays within four units in the last place, and is right at its ends', () => {
    for (let exponent = -60; exponent <= 60; exponent += 0.37) {
      const x = Math.fround(2 ** exponent);
      const unit = 2 ** (Math.floor(Math.log2(Math.abs(Math.log(x)))) - 23);
      expect(Math.abs(float32Logarithm(x) - Math.log(x))).toBeLessThan(4 * unit);
    }
    expect([float32Logarithm(0), float32Logarithm(-1), float32Logarithm(1)]).toEqual([-Infinity, Number.NaN, 0]);
    expect(float32Logarithm(Infinity)).toBe(Infinity);
  });

  it.each([
    [0.8250227570533752, -0.19234433770179749],
    [1.0068659782409668, 0.006842514034360647],
    [0.7969672679901123, -0.22694170475006104],
  ])('errs where numpy errs, by more than a unit: at %f', (x, logarithm) => {
    expect(float32Logarithm(x)).toBe(logarithm); // np.log(np.float32(x)) of numpy 2.4 with AVX512
    expect(Math.fround(Math.log(x))).not.toBe(logarithm);
  });
});
