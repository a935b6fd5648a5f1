import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFlowMatchingSchedule } from './flow-matching.ts';

/** A uniform source that walks evenly over pairs (u, v) of a grid, so that averages over it are deterministic. */
function gridOfPairs(side: number): () => number {
  let calls = 0;
  return () => {
    const pair = Math.floor(calls / 2);
    const cell = calls % 2 === 0 ? Math.floor(pair / side) : pair % side;
    calls += 1;
    return ((cell % side) + 0.5) / side;
  };
}

/** Draws over the whole grid, each mapped back to the number whose logistic it is. */
function logits(schedule: ReturnType<typeof createFlowMatchingSchedule>, side = 100): number[] {
  const uniform = gridOfPairs(side);
  return Array.from({ length: side * side }, () => {
    const time = schedule.sampleTime(uniform);
    return Math.log(time / (1 - time));
  });
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));

describe('the flow-matching schedule', () => {
  it('is a straight line from data to noise with a constant velocity', () => {
    const schedule = createFlowMatchingSchedule();
    expect(schedule.timesteps).toBeUndefined();
    expect(schedule.at(0)).toEqual({ alpha: 1, sigma: 0, velocity: { clean: -1, noise: 1 } });
    expect(schedule.at(0.3)).toEqual({ alpha: 0.7, sigma: 0.3, velocity: { clean: -1, noise: 1 } });
    expect(schedule.at(1)).toEqual({ alpha: 0, sigma: 1, velocity: { clean: -1, noise: 1 } });
  });

  it('moves times outside [0, 1] to the nearer end and refuses NaN', () => {
    const schedule = createFlowMatchingSchedule();
    expect(schedule.at(-1e-9)).toEqual(schedule.at(0));
    expect(schedule.at(1 + 1e-9)).toEqual(schedule.at(1));
    expect(() => schedule.at(Number.NaN)).toThrow(expect.objectContaining({ code: 'schedule.invalid' }));
  });

  it('draws logit-normal training times of mean 0 and deviation 1 by default', () => {
    const drawn = logits(createFlowMatchingSchedule());
    expect(mean(drawn)).toBeCloseTo(0, 2);
    expect(deviation(drawn)).toBeCloseTo(1, 1);
    // A normal number is within one deviation 68.3 % of the time, within two 95.4 %.
    expect(mean(drawn.map((x) => Number(Math.abs(x) < 1)))).toBeCloseTo(0.683, 2);
    expect(mean(drawn.map((x) => Number(Math.abs(x) < 2)))).toBeCloseTo(0.954, 2);
  });

  it('draws logit-normal training times of the mean and deviation it is told', () => {
    const drawn = logits(createFlowMatchingSchedule({ mean: -1, standardDeviation: 0.5 }));
    expect(mean(drawn)).toBeCloseTo(-1, 2);
    expect(deviation(drawn)).toBeCloseTo(0.5, 1);
  });

  it('hands uniform training times through', () => {
    expect(createFlowMatchingSchedule({ time: 'uniform' }).sampleTime(() => 0.25)).toBe(0.25);
  });

  it('draws times by the mode mapping of Esser et al. 2024, equation 20', () => {
    const draw = (modeScale: number, u: number) =>
      createFlowMatchingSchedule({ time: 'mode', modeScale }).sampleTime(() => u);
    const f = (u: number, s: number) => 1 - u - s * (Math.cos((Math.PI * u) / 2) ** 2 - 1 + u);
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        fc.double({ min: -1, max: 1.75, noNaN: true }),
        (u, scale) => {
          expect(draw(scale, u)).toBeCloseTo(Math.min(1 - 1e-5, Math.max(1e-5, f(u, scale))), 12);
          expect(draw(scale, u + 0.0005)).toBeLessThanOrEqual(draw(scale, u)); // monotone, so it has a density
          expect(draw(scale, u) + draw(scale, 1 - u)).toBeCloseTo(1, 9); // symmetric
        },
      ),
    );
    expect(draw(0, 0.25)).toBe(0.75);
  });

  it('has the density of the mode distribution: most in the middle, some left at the ends', () => {
    const schedule = createFlowMatchingSchedule({ time: 'mode' });
    const count = 100_000;
    const times = Array.from({ length: count }, (_, i) => schedule.sampleTime(() => (i + 0.5) / count));
    const within = (low: number, high: number) =>
      times.filter((t) => t >= low && t < high).length / count / (high - low);
    // The density at t = f(u) is 1 / |f'(u)|, f'(u) = -1 - s (1 - pi / 2 sin(pi u)).
    const density = (u: number) => 1 / Math.abs(1 + 1.29 * (1 - (Math.PI / 2) * Math.sin(Math.PI * u)));
    expect(within(0.495, 0.505)).toBeCloseTo(density(0.5), 1);
    expect(within(0, 0.01)).toBeCloseTo(density(1), 1);
    expect(density(0.5)).toBeGreaterThan(8 * density(0));
  });

  it('shifts training times towards noise, by log(shift) in their logit', () => {
    // t' = s t / (1 + (s - 1) t) is logit(t') = logit(t) + log(s).
    expect(createFlowMatchingSchedule({ time: 'uniform', shift: 3 }).sampleTime(() => 0.5)).toBeCloseTo(0.75, 12);
    const plain = mean(logits(createFlowMatchingSchedule()));
    expect(mean(logits(createFlowMatchingSchedule({ shift: 3 }))) - plain).toBeCloseTo(Math.log(3), 2);
  });

  it('keeps training times a little away from both ends, whatever the settings', () => {
    const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(
        fc.record({
          time: fc.constantFrom('uniform' as const, 'logit-normal' as const, 'mode' as const),
          modeScale: number(-1, 1.75),
          mean: number(-10, 10),
          standardDeviation: number(0.001, 10),
          shift: number(0.001, 1000),
        }),
        fc.array(fc.oneof(fc.constant(0), number(0, 1 - 2 ** -32)), { minLength: 2, maxLength: 2 }),
        (options, uniforms) => {
          const source = uniforms.values();
          const time = createFlowMatchingSchedule(options).sampleTime(() => source.next().value ?? 0);
          expect(time).toBeGreaterThanOrEqual(1e-5);
          expect(time).toBeLessThanOrEqual(1 - 1e-5);
        },
      ),
    );
  });

  it('writes out all its settings, given or not', () => {
    const config = { time: 'logit-normal', mean: 0, standardDeviation: 1, modeScale: 1.29, shift: 1 };
    expect(createFlowMatchingSchedule().config).toEqual(config);
    expect(createFlowMatchingSchedule({ shift: 3 }).config).toEqual({ ...config, shift: 3 });
  });

  it.each([
    { shift: 0 },
    { standardDeviation: 0 },
    { modeScale: 1.8 },
    { modeScale: -1.1 },
    { mean: Number.NaN },
    { time: 'cosine' as 'uniform' },
  ])('refuses %j', (options) => {
    expect(() => createFlowMatchingSchedule(options)).toThrow(
      expect.objectContaining({ code: 'schedule.invalid', place: `flow-matching.${Object.keys(options)[0]}` }),
    );
  });
});
