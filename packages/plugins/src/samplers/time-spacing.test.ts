import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCosineSchedule } from '../schedules/cosine.ts';
import { createFlowMatchingSchedule } from '../schedules/flow-matching.ts';
import { spacedTimes, type Spacing, spacings } from './time-spacing.ts';

const cosine = createCosineSchedule();

function timesteps(steps: number, spacing: Spacing): number[] {
  return spacedTimes(cosine, { steps, spacing, sampler: 'test' }).map((time) => Math.round(time * 1000));
}

describe('the times of a discrete schedule', () => {
  it('lead from 0 by whole strides with leading', () => {
    expect(timesteps(10, 'leading')).toEqual([900, 800, 700, 600, 500, 400, 300, 200, 100, 0]);
    expect(timesteps(250, 'leading').slice(0, 3)).toEqual([996, 992, 988]);
    expect(timesteps(3, 'leading')).toEqual([666, 333, 0]);
  });

  it('trail from the last timestep with trailing', () => {
    expect(timesteps(10, 'trailing')).toEqual([999, 899, 799, 699, 599, 499, 399, 299, 199, 99]);
    expect(timesteps(1, 'trailing')).toEqual([999]);
  });

  it('reach both ends with linspace', () => {
    expect(timesteps(10, 'linspace')).toEqual([999, 888, 777, 666, 555, 444, 333, 222, 111, 0]);
  });

  it('round halves to the even neighbour, as numpy does', () => {
    // 16 steps trail by 62.5: 1000, 937.5, 875, 812.5 become 1000, 938, 875, 812, and each loses one.
    expect(timesteps(16, 'trailing').slice(0, 4)).toEqual([999, 937, 874, 811]);
  });

  it('are whole timesteps, distinct and falling, for any number of steps', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 1000 }), fc.constantFrom(...spacings), (steps, spacing) => {
        const found = timesteps(steps, spacing);
        expect(found).toHaveLength(steps);
        expect(Math.max(...found)).toBeLessThanOrEqual(999);
        expect(Math.min(...found)).toBeGreaterThanOrEqual(0);
        for (let i = 1; i < steps; i += 1) expect(found[i]).toBeLessThan(found[i - 1]!);
      }),
    );
  });
});

describe('the times of a continuous schedule', () => {
  it.each(spacings)('run evenly from 1 and stop short of 0 with %s', (spacing) => {
    const times = spacedTimes(createFlowMatchingSchedule(), { steps: 4, spacing, sampler: 'test' });
    expect(times).toEqual([1, 0.75, 0.5, 0.25]);
  });
});

describe('a number of steps that cannot be honoured', () => {
  it.each([0, -1, 1.5, Number.NaN, 1001])('is refused: %s', (steps) => {
    expect(() => timesteps(steps, 'leading')).toThrow(
      expect.objectContaining({ code: 'schedule.invalid', place: 'test.steps' }),
    );
  });

  it('is refused where the only step would start at the clean end, naming the spacing that works', () => {
    expect(() => timesteps(1, 'leading')).toThrow(/"trailing"/);
    expect(() => timesteps(1, 'linspace')).toThrow(/"trailing"/);
  });
});
