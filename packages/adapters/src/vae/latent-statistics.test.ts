import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toModelLatents } from './latent-scaling.ts';
import { createLatentStatistics } from './latent-statistics.ts';

it('leads whatever was added to mean 0 and deviation 1, also far from 0', () => {
  const latent = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 2, maxLength: 40 });
  const latents = fc.array(latent, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(latents, fc.constantFrom(0, 5, -1000), (lists, offset) => {
      const added = lists.map((numbers) => Float32Array.from(numbers, (number) => number + offset));
      const all = added.flatMap((numbers) => [...numbers]);
      fc.pre(Math.max(...all) - Math.min(...all) > 0.5);
      const statistics = createLatentStatistics();
      added.forEach((numbers) => statistics.add(numbers));
      const scaled = [...toModelLatents(statistics.scaling(), Float32Array.from(all))];
      const mean = scaled.reduce((sum, value) => sum + value, 0) / scaled.length;
      const variance = scaled.reduce((sum, value) => sum + (value - mean) ** 2, 0) / scaled.length;
      expect(Math.abs(mean)).toBeLessThan(1e-3);
      expect(variance).toBeCloseTo(1, 3);
    }),
  );
});

it('scales nothing where there is nothing to scale by', () => {
  const statistics = createLatentStatistics();
  expect(statistics.scaling()).toEqual({ scale: 1, shift: 0 });
  statistics.add(Float32Array.of(2, 2, 2));
  expect(statistics.scaling()).toEqual({ scale: 1, shift: 0 });
});
