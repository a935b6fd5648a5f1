import fc from 'fast-check';
import { expect, it } from 'vitest';
import { uniPcSum } from './unipc-sum.ts';

const f = Math.fround;
const number = fc.float({ min: -8, max: 8, noNaN: true });
const ratio = fc.float({ min: -8, max: -0.125, noNaN: true });
const values = fc.float32Array({ minLength: 3, maxLength: 3, min: -100, max: 100, noNaN: true });

it('is the first-order step less the mixture of differences, each operation rounded, for predictors and correctors', () => {
  const numbers = fc.record({ latent: number, base: number, scale: number });
  const rhos = fc.array(number, { minLength: 5, maxLength: 5 });
  const outputs = fc.array(values, { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(
      numbers,
      fc.array(ratio, { maxLength: 4 }),
      rhos,
      values,
      outputs,
      fc.option(values, { nil: undefined }),
      (three, ratios, mixed, start, estimates, reached) => {
        const end = uniPcSum({ ...three, ratios, rhos: mixed }, start, estimates, reached);
        const [first, ...others] = estimates as [Float32Array, ...Float32Array[]];
        const expected = start.map((x, i) => {
          const m = first[i]!;
          let mixture = ratios.reduce((sum, r, k) => f(sum + f(mixed[k]! * f(f(others[k]![i]! - m) / r))), 0);
          if (reached !== undefined) mixture = f(mixture + f(mixed[ratios.length]! * f(reached[i]! - m)));
          return f(f(three.latent * x) - f(three.base * m)) - f(three.scale * mixture);
        });
        expect(end).toEqual(expected);
      },
    ),
  );
});
