import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NoiseLevel, PredictionType } from '../contracts/noise-schedule.ts';
import { errorScale, targetMixture, toEstimate } from './parametrisation.ts';

const predictions: readonly PredictionType[] = ['epsilon', 'sample', 'velocity'];

/** Flow matching between its ends, and variance-preserving levels, both away from where a prediction says nothing. */
const levels: fc.Arbitrary<NoiseLevel> = fc.oneof(
  fc.double({ min: 0.02, max: 0.98, noNaN: true }).map((time) => ({
    alpha: 1 - time,
    sigma: time,
    velocity: { clean: -1, noise: 1 },
  })),
  fc.double({ min: 0.02, max: Math.PI / 2 - 0.02, noNaN: true }).map((angle) => {
    const [alpha, sigma] = [Math.cos(angle), Math.sin(angle)];
    return { alpha, sigma, velocity: { clean: -sigma, noise: alpha } };
  }),
);
const value = fc.double({ min: -3, max: 3, noNaN: true });
const pairs = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 8 });

const mixtureOf = (kind: PredictionType, level: NoiseLevel, clean: number, noise: number) => {
  const { clean: a, noise: b } = targetMixture(kind, level);
  return a * clean + b * noise;
};

describe('the target', () => {
  const level: NoiseLevel = { alpha: 0.6, sigma: 0.8, velocity: { clean: -0.8, noise: 0.6 } };

  it('is the clean sample, the noise, or the velocity that the schedule names', () => {
    expect(targetMixture('sample', level)).toEqual({ clean: 1, noise: 0 });
    expect(targetMixture('epsilon', level)).toEqual({ clean: 0, noise: 1 });
    expect(targetMixture('velocity', level)).toEqual({ clean: -0.8, noise: 0.6 });
  });
});

describe('the estimate', () => {
  it.each(predictions)('from the true target is the clean sample and the noise, for %s prediction', (prediction) => {
    fc.assert(
      fc.property(levels, pairs, (level, values) => {
        const clean = Float32Array.from(values, ([x]) => x);
        const noise = Float32Array.from(values, ([, e]) => e);
        const noisy = clean.map((x, index) => level.alpha * x + level.sigma * noise[index]!);
        const output = clean.map((x, index) => mixtureOf(prediction, level, x, noise[index]!));
        const estimate = toEstimate(output, noisy, prediction, level);
        clean.forEach((x, index) => {
          expect(Math.abs(estimate.clean[index]! - x)).toBeLessThan(1e-4);
          expect(Math.abs(estimate.noise[index]! - noise[index]!)).toBeLessThan(1e-4);
        });
      }),
    );
  });

  it.each(predictions)(
    'from any output mixes back to the noisy latent and to that output, for %s prediction',
    (prediction) => {
      fc.assert(
        fc.property(levels, pairs, (level, values) => {
          const output = Float32Array.from(values, ([p]) => p);
          const noisy = Float32Array.from(values, ([, x]) => x);
          const { clean, noise } = toEstimate(output, noisy, prediction, level);
          values.forEach((_, index) => {
            const [x, e] = [clean[index]!, noise[index]!];
            const slack = 1e-5 * (1 + Math.abs(x) + Math.abs(e));
            expect(Math.abs(level.alpha * x + level.sigma * e - noisy[index]!)).toBeLessThan(slack);
            expect(Math.abs(mixtureOf(prediction, level, x, e) - output[index]!)).toBeLessThan(slack);
          });
        }),
      );
    },
  );

  const pureNoise: NoiseLevel = { alpha: 0, sigma: 1, velocity: { clean: -1, noise: 1 } };
  const pureData: NoiseLevel = { alpha: 1, sigma: 0, velocity: { clean: -1, noise: 1 } };
  const floats = (clean: number, noise: number) => ({ clean: Float32Array.of(clean), noise: Float32Array.of(noise) });

  it('is exact where a schedule ends in pure noise and the network says the sample or the velocity', () => {
    const noisy = Float32Array.of(0.5);
    expect(toEstimate(Float32Array.of(-0.25), noisy, 'sample', pureNoise)).toEqual(floats(-0.25, 0.5));
    expect(toEstimate(Float32Array.of(0.75), noisy, 'velocity', pureNoise)).toEqual(floats(-0.25, 0.5));
  });

  it('has the mean of data, 0, for the sample where there is only noise and the network says the noise', () => {
    expect(toEstimate(Float32Array.of(0.75), Float32Array.of(0.5), 'epsilon', pureNoise)).toEqual(floats(0, 0.75));
  });

  it('has the mean of noise, 0, for the noise where there is none and the network says the sample', () => {
    expect(toEstimate(Float32Array.of(0.75), Float32Array.of(0.75), 'sample', pureData)).toEqual(floats(0.75, 0));
  });
});

describe('the scale of errors', () => {
  const kinds = fc.constantFrom(...predictions);
  const near = (found: number, expected: number) => expect(Math.abs(found / expected - 1)).toBeLessThan(1e-9);

  it('is 1 within a space, inverts with the direction and multiplies along the way', () => {
    fc.assert(
      fc.property(levels, kinds, kinds, kinds, (level, a, b, c) => {
        near(errorScale(a, a, level), 1);
        near(errorScale(a, b, level) * errorScale(b, a, level), 1);
        near(errorScale(a, b, level) * errorScale(b, c, level), errorScale(a, c, level));
      }),
    );
  });

  it('is how far the other quantity moves when the output does and the noisy latent does not', () => {
    fc.assert(
      fc.property(levels, kinds, kinds, value, value, (level, from, to, output, noisy) => {
        const otherAt = (p: number) => {
          const { clean, noise } = toEstimate(Float32Array.of(p), Float32Array.of(noisy), from, level);
          return mixtureOf(to, level, clean[0]!, noise[0]!);
        };
        const moved = Math.abs(otherAt(Math.fround(output) + 2) - otherAt(Math.fround(output))) / 2;
        const scale = errorScale(from, to, level);
        const size = 1 + errorScale(from, 'sample', level) + errorScale(from, 'epsilon', level);
        expect(Math.abs(moved - scale)).toBeLessThan(1e-5 * size * (1 + Math.abs(noisy) + Math.abs(output)));
      }),
    );
  });

  it('from sample to velocity is 1 / time in flow matching, and from epsilon to sample sigma / alpha everywhere', () => {
    fc.assert(
      fc.property(levels, (level) => {
        near(errorScale('epsilon', 'sample', level), level.sigma / level.alpha);
        if (level.velocity.noise === 1) near(errorScale('sample', 'velocity', level), 1 / level.sigma);
      }),
    );
  });
});
