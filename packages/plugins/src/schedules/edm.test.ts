import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorScale, targetMixture, toEstimate } from '@transfuse/core/objective';
import { createEdmSchedule } from './edm.ts';
import { edmSigmaOfTime, edmTimeOfSigma } from './edm-sigma.ts';

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const value = fc.double({ min: -3, max: 3, noNaN: true });
const ranges = fc.record({
  sigmaMin: fc.double({ min: 1e-4, max: 0.1, noNaN: true }),
  sigmaMax: fc.double({ min: 1, max: 1000, noNaN: true }),
  rho: fc.double({ min: 1, max: 12, noNaN: true }),
});

describe('the time axis of EDM', () => {
  it('visits the noise levels of equation 5, N = 5 of them, at evenly spaced times', () => {
    // sigma_i = (sigmaMax^(1/rho) + i / (N - 1) (sigmaMin^(1/rho) - sigmaMax^(1/rho)))^rho
    const sigmas = [0, 1, 2, 3, 4].map((i) => (80 ** (1 / 7) + (i / 4) * (0.002 ** (1 / 7) - 80 ** (1 / 7))) ** 7);
    sigmas.forEach((sigma, i) => expect(edmSigmaOfTime(1 - i / 4) / sigma).toBeCloseTo(1, 12));
    expect(edmSigmaOfTime(0)).toBeCloseTo(0.002, 12);
    expect(edmSigmaOfTime(1)).toBeCloseTo(80, 10);
  });

  it('goes there and back for any range', () => {
    fc.assert(
      fc.property(ranges, unit, (range, time) => {
        const sigma = edmSigmaOfTime(time, range);
        expect(edmTimeOfSigma(sigma, range)).toBeCloseTo(time, 9);
        expect(sigma).toBeGreaterThan(0.999 * range.sigmaMin);
        expect(sigma).toBeLessThan(1.001 * range.sigmaMax);
      }),
    );
  });
});

describe('the EDM schedule', () => {
  it('makes the network see c_in (clean + s noise)', () => {
    fc.assert(
      fc.property(ranges, unit, fc.double({ min: 0.1, max: 2, noNaN: true }), (range, time, sigmaData) => {
        const { alpha, sigma } = createEdmSchedule({ ...range, sigmaData }).at(time);
        const s = edmSigmaOfTime(time, range);
        expect(alpha * Math.sqrt(s * s + sigmaData * sigmaData)).toBeCloseTo(1, 12);
        expect(sigma / alpha / s).toBeCloseTo(1, 12);
      }),
    );
  });

  it('has EDM’s network output as its velocity: the estimate is c_skip x + c_out F', () => {
    fc.assert(
      fc.property(
        ranges,
        unit,
        fc.double({ min: 0.1, max: 2, noNaN: true }),
        value,
        value,
        (range, time, d, f, seen) => {
          const level = createEdmSchedule({ ...range, sigmaData: d }).at(time);
          const s = edmSigmaOfTime(time, range);
          const cIn = 1 / Math.sqrt(s * s + d * d);
          const cSkip = d * d * cIn * cIn;
          const cOut = s * d * cIn;
          const estimate = toEstimate(Float32Array.of(f), Float32Array.of(seen), 'velocity', level);
          const [output, x] = [Math.fround(f), Math.fround(seen) / cIn];
          const denoised = cSkip * x + cOut * output;
          expect(Math.abs(estimate.clean[0]! - denoised)).toBeLessThan(1e-5 * (1 + Math.abs(denoised)));
          const noise = (x - denoised) / s;
          expect(Math.abs(estimate.noise[0]! - noise)).toBeLessThan(1e-5 * (1 + Math.abs(noise)) + 1e-6 / s);
        },
      ),
    );
  });

  it('has a training target of unit variance for data of deviation sigmaData, as the paper asks of c_out', () => {
    fc.assert(
      fc.property(unit, fc.double({ min: 0.1, max: 2, noNaN: true }), (time, sigmaData) => {
        const level = createEdmSchedule({ sigmaData }).at(time);
        const target = targetMixture('velocity', level);
        expect((target.clean * sigmaData) ** 2 + target.noise ** 2).toBeCloseTo(1, 12);
        expect((level.alpha * sigmaData) ** 2 + level.sigma ** 2).toBeCloseTo(1, 12);
        const s = level.sigma / level.alpha;
        expect(errorScale('velocity', 'sample', level)).toBeCloseTo((s * sigmaData) / Math.hypot(s, sigmaData), 12);
      }),
    );
  });

  it('is pure at neither end', () => {
    const schedule = createEdmSchedule();
    const [clean, noisy] = [schedule.at(0), schedule.at(1)];
    expect(clean.sigma / clean.alpha).toBeCloseTo(0.002, 12);
    expect(clean.alpha).toBeCloseTo(2, 4);
    expect(noisy.sigma / noisy.alpha).toBeCloseTo(80, 9);
    expect(noisy.alpha).toBeGreaterThan(0.012);
  });

  it('draws training sigmas whose logarithm has the mean and deviation it is told', () => {
    const schedule = createEdmSchedule();
    const side = 200;
    const logs: number[] = [];
    for (let i = 0; i < side; i += 1) {
      for (let j = 0; j < side; j += 1) {
        const uniforms = [(i + 0.5) / side, (j + 0.5) / side].values();
        logs.push(Math.log(edmSigmaOfTime(schedule.sampleTime(() => uniforms.next().value!))));
      }
    }
    const mean = logs.reduce((sum, x) => sum + x, 0) / logs.length;
    const deviation = Math.sqrt(logs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / logs.length);
    expect(mean).toBeCloseTo(-1.2, 2);
    expect(deviation).toBeCloseTo(1.2, 1);
    // A normal number is within one deviation 68.3 % of the time.
    expect(logs.filter((x) => Math.abs(x + 1.2) < 1.2).length / logs.length).toBeCloseTo(0.683, 2);
  });

  it('moves sigmas that fall outside its range to the nearer end', () => {
    const drawn = (mean: number) => createEdmSchedule({ mean, standardDeviation: 0.001 }).sampleTime(() => 0.5);
    expect(drawn(-10)).toBe(0);
    expect(drawn(10)).toBe(1);
  });

  it.each([
    [{ sigmaMin: 0 }, 'edm.sigmaMin'],
    [{ sigmaMax: Infinity }, 'edm.sigmaMax'],
    [{ sigmaMin: 2, sigmaMax: 1 }, 'edm.sigmaMax'],
    [{ sigmaData: 0 }, 'edm.sigmaData'],
    [{ rho: 0.5 }, 'edm.rho'],
    [{ mean: Number.NaN }, 'edm.mean'],
    [{ standardDeviation: 0 }, 'edm.standardDeviation'],
  ])('refuses %j', (options, place) => {
    expect(() => createEdmSchedule(options)).toThrow(expect.objectContaining({ code: 'schedule.invalid', place }));
  });
});
