import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lagrangeIntegrals } from './lagrange-integral.ts';
import { lagrangeQuadrature } from './lagrange-quadrature.ts';

describe('weights of a linear multistep method', () => {
  it('are those of Adams and Bashforth over even steps', () => {
    const even = (order: number) => Array.from({ length: order }, (_, k) => -k);
    const weights = (order: number) => lagrangeIntegrals(even(order), { from: 0, to: 1 });
    expect(weights(1)).toEqual([1]);
    weights(3).forEach((weight, k) => expect(weight).toBeCloseTo([23 / 12, -16 / 12, 5 / 12][k]!, 12));
    weights(4).forEach((weight, k) => expect(weight).toBeCloseTo([55 / 24, -59 / 24, 37 / 24, -9 / 24][k]!, 12));
  });

  const falling = fc
    .array(fc.double({ min: 0.2, max: 2, noNaN: true }), { minLength: 2, maxLength: 6 })
    .map((gaps) => gaps.reduce<number[]>((points, gap) => [...points, points.at(-1)! - gap], [20]));

  it('integrate every polynomial of lower degree exactly, over uneven steps', () => {
    fc.assert(
      fc.property(falling, (all) => {
        const to = all.at(-1)!;
        const points = all.slice(0, -1).toReversed(); // the newest first
        const weights = lagrangeIntegrals(points, { from: points[0]!, to });
        for (let degree = 0; degree < points.length; degree += 1) {
          const integral = (to ** (degree + 1) - points[0]! ** (degree + 1)) / (degree + 1);
          const sum = weights.reduce((total, weight, k) => total + weight * points[k]! ** degree, 0);
          expect(Math.abs(sum - integral)).toBeLessThan(1e-8 * Math.abs(integral));
        }
      }),
    );
  });

  it('come out the same by quadrature, to the digits of float32', () => {
    fc.assert(
      fc.property(falling, (all) => {
        const points = all.slice(0, -1).toReversed().map(Math.fround);
        const step = { from: points[0]!, to: Math.fround(all.at(-1)!) };
        const exact = lagrangeIntegrals(points, step);
        const size = Math.max(...exact.map(Math.abs));
        lagrangeQuadrature(points, step).forEach((weight, k) => {
          expect(Math.abs(weight - exact[k]!)).toBeLessThan(1e-4 * size);
        });
      }),
    );
  });
});
