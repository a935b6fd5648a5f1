import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NoiseSchedule } from '@transfuse/core/contracts';
import type { BetaRangeOptions } from './beta-settings.ts';
import { createCosineSchedule } from './cosine.ts';
import { createExpSchedule } from './exp.ts';
import { createLaplaceSchedule } from './laplace.ts';
import { createLinearSchedule } from './linear.ts';
import { createScaledLinearSchedule } from './scaled-linear.ts';
import { createSigmoidSchedule } from './sigmoid.ts';
import { createTrainedBetasSchedule, type TrainedBetasOptions } from './trained-betas.ts';

// The reference tables come from diffusers, by `test/reference/beta_schedules.py`.

interface ReferenceCase {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly length: number;
  readonly sha256: string;
  readonly sum: number;
  readonly entries: Readonly<Record<string, number>>;
}

const { cases } = JSON.parse(
  readFileSync(new URL('./diffusers-beta-schedules.fixture.json', import.meta.url), 'utf8'),
) as { cases: readonly ReferenceCase[] };

const ranged = {
  linear: createLinearSchedule,
  'scaled-linear': createScaledLinearSchedule,
  sigmoid: createSigmoidSchedule,
} as const;
const curves = { cosine: createCosineSchedule, laplace: createLaplaceSchedule, exp: createExpSchedule } as const;
const creators: Readonly<Record<string, (settings: never) => NoiseSchedule>> = {
  ...ranged,
  ...curves,
  'trained-betas': createTrainedBetasSchedule,
};

const created = ({ name, settings }: Pick<ReferenceCase, 'name' | 'settings'>) => creators[name]!(settings as never);

/** The table of remaining signal, read back from the levels; the square of a float64 root rounds to the float32 it came from. */
function tableOf(schedule: NoiseSchedule): Float32Array {
  const timesteps = schedule.timesteps!;
  return Float32Array.from({ length: timesteps }, (_, n) => schedule.at(n / timesteps).alpha ** 2);
}

describe('the tables', () => {
  const titled = cases.map((entry) => [`${entry.name} ${JSON.stringify(entry.settings).slice(0, 80)}`, entry] as const);
  const plain = titled.filter(([, { settings }]) => settings['zeroTerminalSnr'] === false);
  const rescaled = titled.filter(([, { settings }]) => settings['zeroTerminalSnr'] === true);
  const hash = (table: Float32Array) => createHash('sha256').update(table).digest('hex');

  it.each(plain)('equal the alphas_cumprod of diffusers bit for bit: %s', (_, reference) => {
    const table = tableOf(created(reference));
    expect(table).toHaveLength(reference.length);
    for (const [n, value] of Object.entries(reference.entries)) expect(table[Number(n)]).toBe(Math.fround(value));
    expect(hash(table)).toBe(reference.sha256);
  });

  it.each(rescaled)('with zero terminal SNR equal those of diffusers with exact square roots: %s', (_, reference) => {
    const table = tableOf(created(reference));
    expect(table.at(-1)).toBe(0);
    // PyTorch's own square roots are off by one in the last place now and then, which grows along the product.
    for (const [n, value] of Object.entries(reference.entries)) {
      expect(Math.abs(table[Number(n)]! - value)).toBeLessThanOrEqual(5e-7 * value);
    }
    expect(table.reduce((sum, value) => sum + value, 0) / reference.sum).toBeCloseTo(1, 6);
    expect(hash(table)).toBe(reference.sha256);
  });
});

describe('the discrete schedules', () => {
  const all = [...Object.entries(ranged), ...Object.entries(curves)];
  const timesteps = fc.integer({ min: 2, max: 300 });

  it.each(all)(
    'preserve variance, lose signal as time grows and have the velocity of v-prediction: %s',
    (_, create) => {
      fc.assert(
        fc.property(timesteps, fc.boolean(), fc.nat(), (count, zeroTerminalSnr, at) => {
          const schedule = create({ timesteps: count, zeroTerminalSnr });
          const n = at % (count - 1);
          const level = schedule.at(n / count);
          expect(level.alpha ** 2 + level.sigma ** 2).toBeCloseTo(1, 12);
          expect(level.alpha).toBeGreaterThan(schedule.at((n + 1) / count).alpha);
          expect(level.velocity).toEqual({ clean: -level.sigma, noise: level.alpha });
        }),
      );
    },
  );

  it.each(all)('keep the first timestep and empty the last with zero terminal SNR: %s', (_, create) => {
    const [plain, rescaled] = [create(), create({ zeroTerminalSnr: true })];
    expect(rescaled.at(0).alpha).toBeCloseTo(plain.at(0).alpha, 6);
    expect(rescaled.at(1)).toEqual({ alpha: 0, sigma: 1, velocity: { clean: -1, noise: 0 } });
    expect(plain.at(1).alpha).toBeGreaterThan(0);
  });

  it.each(all)('refuse one timestep with zero terminal SNR: %s', (name, create) => {
    expect(() => create({ timesteps: 1, zeroTerminalSnr: true })).toThrow(
      expect.objectContaining({ code: 'schedule.invalid', place: `${name}.zeroTerminalSnr` }),
    );
    expect(create({ timesteps: 1 }).at(0).sigma).toBeGreaterThan(0);
  });

  it('refuse zero terminal SNR where the signal is gone before the last timestep', () => {
    const settings = { timesteps: 2000, betaStart: 0.5, betaEnd: 0.5 } satisfies BetaRangeOptions;
    expect(createLinearSchedule(settings).at(1).alpha).toBe(0);
    expect(() => createLinearSchedule({ ...settings, zeroTerminalSnr: true })).toThrow(
      expect.objectContaining({ code: 'schedule.invalid', place: 'linear.zeroTerminalSnr' }),
    );
  });

  it.each([
    ...all.flatMap(([name, create]) => [
      [name, create, { timesteps: 0 }] as const,
      [name, create, { timesteps: 100_001 }] as const,
      [name, create, { zeroTerminalSnr: 'yes' }] as const,
    ]),
    ...Object.entries(ranged).flatMap(([name, create]) => [
      [name, create, { betaStart: 0 }] as const,
      [name, create, { betaEnd: 1 }] as const,
    ]),
  ])('refuse settings out of range, naming them: %s %o', (name, create, settings) => {
    expect(() => create(settings as object)).toThrow(
      expect.objectContaining({ code: 'schedule.invalid', place: `${name}.${Object.keys(settings)[0]}` }),
    );
  });
});

describe('the schedule of trained betas', () => {
  it('multiplies what each beta leaves of the signal', () => {
    const schedule = createTrainedBetasSchedule({ betas: [0.5, 0.25, 1] });
    expect(schedule.timesteps).toBe(3);
    expect([0, 1, 2].map((n) => schedule.at(n / 3).alpha ** 2)).toEqual([
      expect.closeTo(0.5, 12),
      expect.closeTo(0.375, 12),
      0,
    ]);
  });

  it('says in its config what it was given, and keeps it when the caller’s list changes', () => {
    const betas = [0.1, 0.2];
    const schedule = createTrainedBetasSchedule({ betas });
    betas[0] = 0.9;
    expect(schedule.config).toEqual({ betas: [0.1, 0.2], zeroTerminalSnr: false });
  });

  it.each([
    [undefined, 'trained-betas.betas'],
    [[], 'trained-betas.betas'],
    [[0.1, 0], 'trained-betas.betas[1]'],
    [[0.1, 1, 0.1], 'trained-betas.betas[1]'],
    [[1 - 1e-12, 0.1], 'trained-betas.betas[0]'],
    [[Number.NaN], 'trained-betas.betas[0]'],
    [['0.1'], 'trained-betas.betas[0]'],
  ])('refuses %j', (betas, place) => {
    expect(() => createTrainedBetasSchedule({ betas } as unknown as TrainedBetasOptions)).toThrow(
      expect.objectContaining({ code: 'schedule.invalid', place }),
    );
  });
});
