import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chartScale } from './chart-scale.ts';

describe('chart scale', () => {
  it('puts linear ticks at round numbers and widens the axis to them', () => {
    const scale = chartScale([3, 97]);
    expect(scale?.ticks).toEqual([0, 20, 40, 60, 80, 100]);
    expect([scale?.from, scale?.to]).toEqual([0, 100]);
    expect(scale?.fraction(25)).toBeCloseTo(0.25, 12);
  });

  it('ends a tight axis at the data', () => {
    const scale = chartScale([10, 95], { ends: 'tight' });
    expect([scale?.from, scale?.to, scale?.ticks]).toEqual([10, 95, [20, 40, 60, 80]]);
  });

  it('reaches a value that must be on the axis', () => {
    expect(chartScale([40, 50], { include: 0 })?.from).toBe(0);
  });

  it('spaces a logarithmic axis by ratios, with ticks at 1, 2 and 5 or at powers of ten', () => {
    const near = chartScale([0.5, 8], { kind: 'log' });
    expect(near?.ticks).toEqual([0.5, 1, 2, 5]);
    expect(near?.fraction(2)).toBeCloseTo(0.5, 12); // 2 is as far from 0.5 as from 8
    expect(chartScale([1e-3, 1e3], { kind: 'log' })?.ticks).toEqual([1e-2, 1, 1e2]);
    expect(chartScale([1.1, 1.9], { kind: 'log' })?.ticks).toEqual([1.2, 1.4, 1.6, 1.8]);
  });

  it('has no axis for nothing, and no place for what cannot be shown', () => {
    expect(chartScale([])).toBeUndefined();
    expect(chartScale([NaN, Infinity])).toBeUndefined();
    expect(chartScale([0, -1], { kind: 'log' })).toBeUndefined();
    expect(chartScale([1, 2], { kind: 'log' })?.fraction(0)).toBeNaN();
    expect(chartScale([1, 2])?.fraction(Infinity)).toBeNaN();
  });

  it('shows every value it was made for, with ascending ticks in range, whatever the values', () => {
    const anyNumber = fc.oneof(fc.double(), fc.double({ min: -10, max: 10 }), fc.integer());
    const kind = fc.constantFrom('linear' as const, 'log' as const);
    const ends = fc.constantFrom('round' as const, 'tight' as const);
    fc.assert(
      fc.property(fc.array(anyNumber, { maxLength: 6 }), kind, ends, (values, kind, ends) => {
        const scale = chartScale(values, { kind, ends });
        if (scale === undefined) return;
        expect(scale.ticks.length).toBeGreaterThan(0);
        expect(scale.ticks.length).toBeLessThan(14);
        scale.ticks.forEach((tick, index) => {
          expect(tick).toBeGreaterThan(scale.ticks[index - 1] ?? -Infinity);
          expect(tick).toBeGreaterThanOrEqual(scale.from);
          expect(tick).toBeLessThanOrEqual(scale.to);
        });
        for (const fraction of values.map(scale.fraction).filter((place) => !Number.isNaN(place))) {
          expect(fraction).toBeGreaterThanOrEqual(-1e-9);
          expect(fraction).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
      { numRuns: 500 },
    );
  });
});
