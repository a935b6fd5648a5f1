import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CreationContext, LossWeighting, NoiseLevel, PredictionType } from '@transfuse/core/contracts';
import { errorScale } from '@transfuse/core/objective';
import { createCosineSchedule } from '../schedules/cosine.ts';
import { createEdmSchedule } from '../schedules/edm.ts';
import { createLinearSchedule } from '../schedules/linear.ts';
import { schedules } from '../schedules/index.ts';
import {
  createConstantWeighting,
  createEdmWeighting,
  createMinSnrWeighting,
  createP2Weighting,
  createSnrWeighting,
  weightings,
} from './index.ts';

const predictions: readonly PredictionType[] = ['epsilon', 'sample', 'velocity'];
const context = {} as CreationContext;
const all = weightings.contributions.map(
  ({ name, create, configSchema }) => [name, create({}, context) as LossWeighting, configSchema] as const,
);

/** Flow matching at a time. */
const straight = (time: number): NoiseLevel => ({
  alpha: 1 - time,
  sigma: time,
  velocity: { clean: -1, noise: 1 },
});
/** A variance-preserving level of a signal-to-noise ratio. */
const preserving = (snr: number): NoiseLevel => {
  const [alpha, sigma] = [Math.sqrt(snr / (1 + snr)), Math.sqrt(1 / (1 + snr))];
  return { alpha, sigma, velocity: { clean: -sigma, noise: alpha } };
};
const snrs = fc.double({ min: -6, max: 6, noNaN: true }).map(Math.exp);
const times = fc.double({ min: 0.01, max: 0.99, noNaN: true });
const near = (found: number, expected: number) => expect(Math.abs(found / expected - 1)).toBeLessThan(1e-9);

describe('the plugin', () => {
  it('provides what it contributes', () => {
    expect(weightings.manifest.provides).toEqual([
      'loss-weighting:constant',
      'loss-weighting:snr',
      'loss-weighting:min-snr',
      'loss-weighting:p2',
      'loss-weighting:edm',
    ]);
  });

  it.each(all)('creates %s with the defaults that its schema states', (name, weighting, schema) => {
    const { properties } = schema as { properties: Record<string, { default: unknown }> };
    expect(weighting.name).toBe(name);
    expect(weighting.config).toEqual(
      Object.fromEntries(Object.entries(properties).map(([key, field]) => [key, field.default])),
    );
  });
});

describe('the published factors', () => {
  it('of Min-SNR are min(SNR, gamma) over SNR, 1 and SNR + 1 for epsilon, sample and velocity', () => {
    fc.assert(
      fc.property(snrs, fc.double({ min: 0.1, max: 20, noNaN: true }), (snr, gamma) => {
        const { weight } = createMinSnrWeighting({ gamma });
        const level = preserving(snr);
        near(weight(level, 'epsilon'), Math.min(snr, gamma) / snr);
        near(weight(level, 'sample'), Math.min(snr, gamma));
        near(weight(level, 'velocity'), Math.min(snr, gamma) / (snr + 1));
      }),
    );
    expect(createMinSnrWeighting().config).toEqual({ gamma: 5 });
  });

  it('of Min-SNR follow for flow matching: min((1 - t)², gamma t²) for the velocity', () => {
    fc.assert(
      fc.property(times, (time) => {
        const { weight } = createMinSnrWeighting();
        near(weight(straight(time), 'velocity'), Math.min((1 - time) ** 2, 5 * time ** 2));
        near(weight(straight(time), 'sample'), Math.min(((1 - time) / time) ** 2, 5));
      }),
    );
  });

  it('of SNR weighting make the loss of every space that of noise prediction', () => {
    fc.assert(
      fc.property(fc.oneof(snrs.map(preserving), times.map(straight)), (level) => {
        const { weight } = createSnrWeighting();
        near(weight(level, 'epsilon'), 1);
        near(weight(level, 'sample'), (level.alpha / level.sigma) ** 2);
        near(weight(level, 'velocity'), errorScale('velocity', 'epsilon', level) ** 2);
      }),
    );
  });

  it('of SNR weighting are truncated at the maximum on the clean sample', () => {
    const { weight } = createSnrWeighting({ maximum: 3 });
    expect(weight(preserving(9), 'sample')).toBe(3);
    expect(weight(preserving(9), 'epsilon')).toBeCloseTo(3 / 9, 12);
    expect(weight(preserving(2), 'epsilon')).toBeCloseTo(1, 12);
  });

  it('of P2 are 1 / (k + SNR)^gamma on epsilon, SNR times that on the sample', () => {
    fc.assert(
      fc.property(
        fc.oneof(snrs.map(preserving), times.map(straight)),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.double({ min: 0, max: 3, noNaN: true }),
        (level, k, gamma) => {
          const { weight } = createP2Weighting({ k, gamma });
          const snr = (level.alpha / level.sigma) ** 2;
          near(weight(level, 'epsilon'), 1 / (k + snr) ** gamma);
          near(weight(level, 'sample'), snr / (k + snr) ** gamma);
        },
      ),
    );
  });

  it('of EDM are (s² + d²) / (s d)² on the sample and 1 on the network’s output of an EDM schedule', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.1, max: 2, noNaN: true }),
        (time, d) => {
          const level = createEdmSchedule({ sigmaData: d }).at(time);
          const s = level.sigma / level.alpha;
          const { weight } = createEdmWeighting({ sigmaData: d });
          near(weight(level, 'sample'), (s * s + d * d) / (s * d) ** 2);
          near(weight(level, 'velocity'), 1);
        },
      ),
    );
  });

  it('of EDM are 1 on the velocity of a variance-preserving schedule where the data has deviation 1', () => {
    const { weight } = createEdmWeighting({ sigmaData: 1 });
    fc.assert(
      fc.property(snrs, (snr) => {
        near(weight(preserving(snr), 'velocity'), 1);
      }),
    );
  });

  it('of no weighting are 1', () => {
    for (const prediction of predictions) expect(createConstantWeighting().weight(straight(0.3), prediction)).toBe(1);
  });
});

describe.each(all)('the weighting %s', (name, weighting) => {
  it('counts one and the same error alike in every space, so spaces differ by the scale of errors', () => {
    fc.assert(
      fc.property(fc.oneof(snrs.map(preserving), times.map(straight)), (level) => {
        const inNoise = weighting.weight(level, 'epsilon');
        for (const space of name === 'constant' ? [] : predictions) {
          near(weighting.weight(level, space), inNoise * errorScale(space, 'epsilon', level) ** 2);
        }
        expect(inNoise).toBeGreaterThan(0);
      }),
    );
  });

  it('is finite and not negative at all times of all schedules, the ends included', () => {
    const settings: Record<string, object> = { 'trained-betas': { betas: [0.1, 0.5, 1] } };
    const created = [
      ...schedules.contributions.map(({ name: of, create }) => create({ ...settings[of] }, context)),
      createCosineSchedule({ zeroTerminalSnr: true }),
      createLinearSchedule({ zeroTerminalSnr: true }),
    ] as { at(time: number): NoiseLevel }[];
    for (const schedule of created) {
      for (const time of [0, 1e-12, 1e-6, 0.001, 0.5, 0.999, 1 - 1e-6, 1 - 1e-12, 1]) {
        for (const space of predictions) {
          const weight = weighting.weight(schedule.at(time), space);
          expect(Number.isFinite(weight) && weight >= 0).toBe(true);
          expect(Number.isFinite(Math.fround(weight))).toBe(true); // what training feeds is float32
        }
      }
    }
  });
});

describe('the ends', () => {
  const noise: NoiseLevel = { alpha: 0, sigma: 1, velocity: { clean: -1, noise: 0 } };
  const data: NoiseLevel = { alpha: 1, sigma: 0, velocity: { clean: 0, noise: 1 } };

  it('have the limits of Min-SNR', () => {
    const { weight } = createMinSnrWeighting();
    expect(weight(noise, 'epsilon')).toBeCloseTo(1, 9);
    expect(weight(noise, 'sample')).toBeCloseTo(0, 9);
    expect(weight(data, 'sample')).toBe(5);
    expect(weight(data, 'epsilon')).toBeCloseTo(0, 8);
    expect(weight(data, 'velocity')).toBeCloseTo(0, 8);
  });

  it('have the limits of P2 and EDM', () => {
    expect(createP2Weighting().weight(noise, 'epsilon')).toBeCloseTo(1, 9);
    expect(createP2Weighting().weight(data, 'sample')).toBeCloseTo(1, 9);
    expect(createEdmWeighting().weight(noise, 'sample')).toBeCloseTo(4, 9);
  });
});

describe('settings out of range', () => {
  it.each([
    ['snr.maximum', () => createSnrWeighting({ maximum: Infinity })],
    ['min-snr.gamma', () => createMinSnrWeighting({ gamma: 0 })],
    ['p2.k', () => createP2Weighting({ k: 0 })],
    ['p2.gamma', () => createP2Weighting({ gamma: -1 })],
    ['edm.sigmaData', () => createEdmWeighting({ sigmaData: Number.NaN })],
  ])('are refused, naming %s', (place, create) => {
    expect(create).toThrow(expect.objectContaining({ code: 'schedule.invalid', place }));
  });
});
