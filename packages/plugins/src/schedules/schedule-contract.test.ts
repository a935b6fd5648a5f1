import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CreationContext, NoiseSchedule } from '@transfuse/core/contracts';
import { schedules } from './index.ts';

// What every noise schedule promises by contract, checked for all that the plugin contributes.

const required: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'trained-betas': { betas: Array.from({ length: 50 }, (_, n) => 0.01 + 0.004 * n) },
};
const created = schedules.contributions.map(
  ({ name, create }) => [name, create(required[name] ?? {}, {} as CreationContext) as NoiseSchedule] as const,
);
const unit = fc.double({ min: 0, max: 1, noNaN: true });

describe.each(created)('the schedule %s', (_, schedule) => {
  it('has finite levels at every time, the signal-to-noise ratio never rising', () => {
    fc.assert(
      fc.property(unit, unit, (a, b) => {
        const [earlier, later] = [schedule.at(Math.min(a, b)), schedule.at(Math.max(a, b))];
        for (const { alpha, sigma, velocity } of [earlier, later]) {
          for (const number of [alpha, sigma, velocity.clean, velocity.noise])
            expect(Number.isFinite(number)).toBe(true);
          expect(Math.min(alpha, sigma)).toBeGreaterThanOrEqual(0);
        }
        expect(later.alpha * earlier.sigma).toBeLessThanOrEqual(earlier.alpha * later.sigma * (1 + 1e-12));
      }),
    );
  });

  it('has a velocity that decides clean and noise together with the noisy latent, at every time', () => {
    fc.assert(
      fc.property(unit, (time) => {
        const { alpha, sigma, velocity } = schedule.at(time);
        expect(Math.abs(velocity.clean * sigma - velocity.noise * alpha)).toBeGreaterThan(0.1);
      }),
    );
  });

  it('draws training times in [0, 1] from any uniform numbers, small ones and large ones', () => {
    const uniforms = fc.array(fc.double({ min: 0, max: 1 - 2 ** -53, noNaN: true }), { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(uniforms, (pair) => {
        const source = pair.values();
        const time = schedule.sampleTime(() => source.next().value ?? 0);
        expect(time >= 0 && time <= 1).toBe(true);
      }),
    );
    let state = 1;
    const scattered = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647; // Park and Miller's generator
    const times = Array.from({ length: 1000 }, () => schedule.sampleTime(scattered));
    expect(Math.min(...times)).toBeLessThan(0.1);
    expect(Math.max(...times)).toBeGreaterThan(0.6);
  });

  it('moves times outside [0, 1] to the nearer end and refuses NaN', () => {
    expect(schedule.at(-0.1)).toEqual(schedule.at(0));
    expect(schedule.at(1.1)).toEqual(schedule.at(1));
    expect(() => schedule.at(Number.NaN)).toThrow(expect.objectContaining({ code: 'schedule.invalid' }));
  });
});
