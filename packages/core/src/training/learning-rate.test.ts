import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { averageDecayAt, learningRateAt } from './learning-rate.ts';

const config = { steps: 100, warmup: 10, learningRate: 2, finalLearningRateRatio: 0.1 };

describe('the learning rate', () => {
  it('rises in equal parts, begins to fall after the peak, and ends at the floor', () => {
    expect([1, 5, 10].map((step) => learningRateAt(step, config))).toEqual([0.2, 1, 2]);
    expect(learningRateAt(11, config)).toBeLessThan(2);
    expect(learningRateAt(55, config)).toBeCloseTo((2 + 0.2) / 2, 12); // half way down
    expect(learningRateAt(100, config)).toBeCloseTo(0.2, 12);
  });

  it('stays at the floor beyond the last step', () => {
    expect(learningRateAt(500, config)).toBeCloseTo(0.2, 12);
  });

  it('starts near the peak without a warm-up, and is all warm-up where that is the whole run', () => {
    expect(learningRateAt(1, { ...config, warmup: 0 })).toBeCloseTo(2, 2);
    expect(learningRateAt(100, { ...config, warmup: 100 })).toBe(2);
    expect(learningRateAt(1, { ...config, steps: 1, warmup: 0 })).toBeCloseTo(0.2, 12);
  });

  const configs = fc
    .record({
      steps: fc.integer({ min: 1, max: 300 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      floor: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ steps, share, floor }) => ({
      steps,
      warmup: Math.floor(steps * share),
      learningRate: 3,
      finalLearningRateRatio: floor,
    }));

  it('never leaves 0 to the peak, rises up to the warm-up’s end and never rises after', () => {
    fc.assert(
      fc.property(configs, (any) => {
        const rates = Array.from({ length: any.steps }, (_, index) => learningRateAt(index + 1, any));
        rates.forEach((rate, index) => {
          expect(rate).toBeGreaterThanOrEqual(0);
          expect(rate).toBeLessThanOrEqual(3 + 1e-12);
          if (index === 0) return;
          if (index < any.warmup) expect(rate).toBeGreaterThan(rates[index - 1]!);
          else expect(rate).toBeLessThanOrEqual(rates[index - 1]! + 1e-12);
        });
        const last = any.steps > any.warmup ? 3 * any.finalLearningRateRatio : 3;
        expect(rates.at(-1)).toBeCloseTo(last, 10);
      }),
    );
  });
});

describe('the decay of the moving average', () => {
  it('is ramped up as (1 + step) / (10 + step) until it reaches its own value', () => {
    const ramp = { decay: 0.9, warm: 'ramp' as const };
    expect(averageDecayAt(1, ramp)).toBeCloseTo(2 / 11, 12);
    expect(averageDecayAt(80, ramp)).toBeCloseTo(81 / 90, 12);
    expect(averageDecayAt(81, ramp)).toBe(0.9);
  });

  it('is its own value from the start without a ramp', () => {
    expect(averageDecayAt(1, { decay: 0.9, warm: 'none' })).toBe(0.9);
  });
});
