import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createContinuousCosineSchedule } from './continuous-cosine.ts';

const unit = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });
const shifts = fc.double({ min: 0.001, max: 1000, noNaN: true });

describe('the continuous cosine schedule', () => {
  it('is a quarter of a circle, exact at both ends', () => {
    const schedule = createContinuousCosineSchedule();
    expect(schedule.timesteps).toBeUndefined();
    expect(schedule.config).toEqual({ shift: 1 });
    expect(schedule.at(0)).toEqual({ alpha: 1, sigma: 0, velocity: { clean: -0, noise: 1 } });
    expect(schedule.at(1)).toEqual({ alpha: 0, sigma: 1, velocity: { clean: -1, noise: 0 } });
    const third = schedule.at(1 / 3);
    expect(third.alpha).toBeCloseTo(Math.sqrt(3) / 2, 15);
    expect(third.sigma).toBeCloseTo(1 / 2, 15);
  });

  it('is exact at both ends whatever the shift', () => {
    fc.assert(
      fc.property(shifts, (shift) => {
        const schedule = createContinuousCosineSchedule({ shift });
        expect(schedule.at(0).sigma).toBe(0);
        expect(schedule.at(0).alpha).toBe(1);
        expect(schedule.at(1).alpha).toBe(0);
        expect(schedule.at(1).sigma).toBe(1);
      }),
    );
  });

  it('preserves variance, has the velocity of v-prediction, and lowers the log-SNR by 2 ln(shift)', () => {
    const logSnr = (shift: number, time: number) => {
      const { alpha, sigma } = createContinuousCosineSchedule({ shift }).at(time);
      return 2 * Math.log(alpha / sigma);
    };
    fc.assert(
      fc.property(unit, shifts, (time, shift) => {
        const { alpha, sigma, velocity } = createContinuousCosineSchedule({ shift }).at(time);
        expect(alpha ** 2 + sigma ** 2).toBeCloseTo(1, 12);
        expect(velocity).toEqual({ clean: -sigma, noise: alpha });
        expect(logSnr(1, time)).toBeCloseTo(-2 * Math.log(Math.tan((Math.PI / 2) * time)), 8);
        expect(logSnr(1, time) - logSnr(shift, time)).toBeCloseTo(2 * Math.log(shift), 8);
      }),
    );
  });

  it('draws uniform training times a little away from both ends', () => {
    const { sampleTime } = createContinuousCosineSchedule({ shift: 4 });
    expect(sampleTime(() => 0.25)).toBe(0.25);
    expect(sampleTime(() => 0)).toBe(1e-5);
    expect(sampleTime(() => 1 - 2 ** -53)).toBe(1 - 1e-5);
  });

  it.each([0, -1, 1001, Number.NaN])('refuses a shift of %s', (shift) => {
    expect(() => createContinuousCosineSchedule({ shift })).toThrow(
      expect.objectContaining({ code: 'schedule.invalid', place: 'continuous-cosine.shift' }),
    );
  });
});
