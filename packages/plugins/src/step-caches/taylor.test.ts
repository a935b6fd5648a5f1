import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTaylorCache } from './taylor.ts';

describe('the Taylor cache', () => {
  it('forecasts polynomials of its order exactly, at any times', () => {
    const coefficient = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4 }),
        fc.array(coefficient, { minLength: 5, maxLength: 5 }),
        fc.double({ min: 0.05, max: 0.2, noNaN: true }),
        (order, coefficients, gap) => {
          const value = (time: number) =>
            coefficients.slice(0, order + 1).reduce((sum, c, power) => sum + c * time ** power, 0);
          const times = Array.from({ length: order + 1 }, (_, i) => 0.2 + gap * (i + 1) ** 1.2);
          const evaluated = times.map((time) => ({ time, output: Float32Array.of(value(time), 1) }));
          const [found, constant] = createTaylorCache({ order }).forecast(evaluated, 0.2);
          expect(Math.abs(found! - value(0.2))).toBeLessThan(2e-3);
          expect(constant).toBeCloseTo(1, 4);
        },
      ),
    );
  });

  it('has an error of the order its name says, on a smooth output', () => {
    const error = (order: number, gap: number) => {
      const evaluated = Array.from({ length: order + 1 }, (_, i) => 0.5 + (i + 1) * gap).map((time) => ({
        time,
        output: Float32Array.of(Math.exp(2 * time)),
      }));
      return Math.abs(createTaylorCache({ order }).forecast(evaluated, 0.5)[0]! - Math.exp(1));
    };
    for (const order of [0, 1, 2]) {
      const slope = Math.log2(error(order, 0.08) / error(order, 0.04));
      expect(slope).toBeGreaterThan(order + 0.6);
      expect(slope).toBeLessThan(order + 1.5);
    }
  });

  it('asks the network while it warms up, at its interval, and at the end', () => {
    const asked = (options: Parameters<typeof createTaylorCache>[0], of: number) =>
      Array.from({ length: of }, (_, i) => i).filter((i) => createTaylorCache(options).evaluates(i, of));
    expect(asked({ interval: 3, warmUp: 3, coolDown: 1 }, 12)).toEqual([0, 1, 2, 5, 8, 11]);
    expect(asked({ interval: 2, warmUp: 1, coolDown: 0 }, 6)).toEqual([0, 2, 4]);
    expect(asked({ interval: 1 }, 4)).toEqual([0, 1, 2, 3]);
  });

  it('leaves out a second evaluation at one time', () => {
    const evaluated = [0.5, 0.5, 1].map((time) => ({ time, output: Float32Array.of(2 * time) }));
    expect(createTaylorCache().forecast(evaluated, 0.25)[0]).toBeCloseTo(0.5, 6);
  });

  it('refuses settings out of range by name', () => {
    expect(() => createTaylorCache({ order: 5 })).toThrow(expect.objectContaining({ place: 'taylor.order' }));
    expect(() => createTaylorCache({ interval: 0 })).toThrow(expect.objectContaining({ place: 'taylor.interval' }));
  });
});
