import fc from 'fast-check';
import { expect, it } from 'vitest';
import { multistepSum } from '../multistep-sum.ts';
import { saSum } from './sa-sum.ts';

const number = fc.oneof(fc.float({ min: -8, max: 8, noNaN: true }), fc.constant(0));
const values = fc.float32Array({ minLength: 3, maxLength: 3, min: -100, max: 100, noNaN: true });

it('is the latent, the sum of the estimates and the noise, summed in that order, for one to four estimates', () => {
  fc.assert(
    fc.property(
      fc.record({ latent: number, outputs: fc.array(number, { minLength: 1, maxLength: 4 }), noise: number }),
      values,
      fc.array(values, { minLength: 4, maxLength: 4 }),
      values,
      (weights, start, outputs, fresh) => {
        const estimates = multistepSum(weights.outputs.map((weight, i) => [weight, outputs[i]!]));
        const expected = multistepSum([
          [weights.latent, start],
          [1, estimates],
          [weights.noise, fresh],
        ]);
        expect(saSum(weights, start, outputs, fresh)).toEqual(expected);
      },
    ),
  );
});
