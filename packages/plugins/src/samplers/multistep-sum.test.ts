import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { multistepSum, type Term } from './multistep-sum.ts';

const f = Math.fround;
const weight = fc.oneof(fc.double({ min: -10, max: 10, noNaN: true }), fc.constant(0));
const values = fc.float32Array({ minLength: 3, maxLength: 3, noNaN: true, noDefaultInfinity: true });

/** The definition: product by product, sum by sum. */
function termByTerm(terms: readonly Term[]): Float32Array {
  return Float32Array.from({ length: 3 }, (_, i) =>
    terms.filter(([w]) => f(w) !== 0).reduce((sum, [w, array]) => f(sum + f(f(w) * array[i]!)), 0),
  );
}

describe('multistepSum', () => {
  it('rounds every product and every partial sum, whatever the number of terms', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(weight, values), { minLength: 1, maxLength: 7 }), (terms) => {
        const before = structuredClone(terms);
        const sum = multistepSum(terms);
        expect(sum).toEqual(termByTerm(terms));
        expect(terms).toEqual(before);
      }),
    );
  });

  it('leaves out terms of weight 0, also where their values are infinite', () => {
    const sum = multistepSum([
      [0, Float32Array.of(Infinity, Number.NaN)],
      [2, Float32Array.of(1, -3)],
    ]);
    expect([...sum]).toEqual([2, -6]);
    expect([...multistepSum([[0, Float32Array.of(Infinity)]])]).toEqual([0]);
  });
});
