import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TransfuseError } from '@transfuse/core/contracts';
import { cosineAlphasCumprod, createCosineSchedule } from './cosine.ts';

// The reference tables come from diffusers, by `test/reference/diffusion_samplers.py`.

const { tables } = JSON.parse(
  readFileSync(new URL('./diffusers-alphas-cumprod.fixture.json', import.meta.url), 'utf8'),
) as { tables: Record<string, number[]> };

describe('the table of the cosine schedule', () => {
  it.each(Object.entries(tables))(
    'equals the alphas_cumprod of diffusers bit for bit with %s timesteps',
    (_, table) => {
      expect(Array.from(cosineAlphasCumprod(table.length))).toEqual(table);
    },
  );

  it('follows the curve of the paper where the cap on beta does not act', () => {
    // Equation 17: f(t) / f(0) with f(t) = cos²(pi / 2 * (t + s) / (1 + s)), here at timestep n for t = (n + 1) / 1000.
    const curve = (t: number) => Math.cos((((t + 0.008) / 1.008) * Math.PI) / 2) ** 2;
    const table = cosineAlphasCumprod(1000);
    for (const n of [0, 250, 500, 750, 990]) expect(table[n]! / (curve((n + 1) / 1000) / curve(0))).toBeCloseTo(1, 5);
  });
});

describe('the cosine schedule', () => {
  const schedule = createCosineSchedule();

  it('has 1000 timesteps unless told otherwise, and says so in its config', () => {
    expect(schedule.timesteps).toBe(1000);
    expect(schedule.config).toEqual({ timesteps: 1000, zeroTerminalSnr: false });
    expect(createCosineSchedule({ timesteps: 100 }).config).toEqual({ timesteps: 100, zeroTerminalSnr: false });
  });

  it('places timestep n at time n / T', () => {
    const table = cosineAlphasCumprod(1000);
    for (let n = 0; n < 1000; n += 1) expect(schedule.at(n / 1000).alpha).toBe(Math.sqrt(table[n]!));
  });

  it('takes the nearest timestep between two, and the last one at time 1', () => {
    expect(schedule.at(0.50049)).toEqual(schedule.at(0.5));
    expect(schedule.at(0.50051)).toEqual(schedule.at(0.501));
    expect(schedule.at(1)).toEqual(schedule.at(0.999));
  });

  it('moves times outside [0, 1] to the nearer end and refuses NaN', () => {
    expect(schedule.at(-0.1)).toEqual(schedule.at(0));
    expect(schedule.at(1.1)).toEqual(schedule.at(1));
    expect(() => schedule.at(Number.NaN)).toThrow(TransfuseError);
  });

  it('preserves variance, loses signal as time grows, and has the velocity of v-prediction', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 998 }), (n) => {
        const level = schedule.at(n / 1000);
        expect(level.alpha ** 2 + level.sigma ** 2).toBeCloseTo(1, 12);
        expect(level.alpha).toBeGreaterThan(schedule.at((n + 1) / 1000).alpha);
        expect(level.velocity).toEqual({ clean: -level.sigma, noise: level.alpha });
      }),
    );
  });

  it('draws every training timestep equally often from an evenly spread uniform', () => {
    const small = createCosineSchedule({ timesteps: 5 });
    const drawn = Array.from({ length: 20 }, (_, i) => small.sampleTime(() => (i + 0.5) / 20) * 5);
    expect(drawn).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4]);
  });

  it.each([0, -1, 2.5, Number.NaN, 1e9])('refuses %s timesteps', (timesteps) => {
    expect(() => createCosineSchedule({ timesteps })).toThrow(
      expect.objectContaining({ code: 'schedule.invalid', place: 'cosine.timesteps' }),
    );
  });
});
