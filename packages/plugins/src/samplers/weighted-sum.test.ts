import fc from 'fast-check';
import { expect, it } from 'vitest';
import { weightedSum, type WeightedTerm } from './weighted-sum.ts';

it('is the sum of the products, rounded once, for any number of terms, in a new array', () => {
  const term = fc.tuple(
    fc.double({ min: -10, max: 10, noNaN: true }),
    fc.float32Array({ minLength: 3, maxLength: 3, min: -10, max: 10, noNaN: true }),
  );
  fc.assert(
    fc.property(fc.array(term, { minLength: 1, maxLength: 6 }), (terms) => {
      const before = structuredClone(terms);
      const sum = weightedSum(terms as readonly WeightedTerm[]);
      expect(sum).toHaveLength(3);
      sum.forEach((value, i) => {
        const exact = terms.reduce((total, [weight, values]) => total + weight * values[i]!, 0);
        expect(Math.abs(value - exact)).toBeLessThanOrEqual(2 ** -24 * Math.abs(exact) + 1e-12);
      });
      expect(terms).toEqual(before);
      expect(terms.every(([, values]) => values !== sum)).toBe(true);
    }),
  );
});
