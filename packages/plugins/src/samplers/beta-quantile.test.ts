import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { betaQuantile, betaShare } from './beta-quantile.ts';

describe('betaQuantile', () => {
  it.each([
    // scipy.stats.beta.ppf
    [0.1, 0.6, 0.6, 0.03958440558878085],
    [0.5, 0.6, 0.6, 0.5],
    [0.999, 0.6, 0.6, 0.9999814412614826],
    [0.25, 2, 5, 0.16116291679032652],
    [0.9, 0.3, 4, 0.2143738140841478],
  ])('is what SciPy says: a share of %d of Beta(%d, %d)', (share, alpha, beta, expected) => {
    expect(betaQuantile(share, alpha, beta)).toBeCloseTo(expected, 12);
  });

  it('is the inverse of the share', () => {
    const parameter = fc.double({ min: 0.1, max: 20, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), parameter, parameter, (share, alpha, beta) => {
        const x = betaQuantile(share, alpha, beta);
        if (x < 1 - 1e-9) expect(betaShare(x, alpha, beta)).toBeCloseTo(share, 8);
      }),
    );
  });

  it('has its ends at 0 and 1', () => {
    expect([betaQuantile(0, 0.6, 0.6), betaQuantile(1, 0.6, 0.6)]).toEqual([0, 1]);
  });
});
