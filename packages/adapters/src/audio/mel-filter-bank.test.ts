import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestDifference } from '../../../../test/support/tiny-numbers.ts';
import { createMelFilterBank, type MelSettings } from './mel-filter-bank.ts';
import { melScales } from './mel-scale.ts';

interface Case extends Required<MelSettings> {
  readonly bands: readonly { readonly first: number; readonly weights: readonly number[] }[];
}
const { bands: cases } = JSON.parse(
  await readFile(new URL('audio-transforms.fixture.json', import.meta.url), 'utf8'),
) as { bands: readonly Case[] };
const small: MelSettings = { sampleRate: 8000, fftSize: 256, mels: 24 };

describe('createMelFilterBank', () => {
  it.each(cases)('has the weights of librosa: $mels bands, $scale scale, $norm', ({ bands, ...settings }) => {
    const bank = createMelFilterBank(settings);
    const whole = (band: { readonly first: number; readonly weights: ArrayLike<number> }) => {
      const row = new Float64Array(settings.fftSize / 2 + 1);
      row.set(band.weights, band.first);
      return row;
    };
    expect(bank.bands.length).toBe(bands.length);
    for (const [index, band] of bank.bands.entries()) {
      expect(largestDifference(whole(band), whole(bands[index]!))).toBeLessThan(1e-8);
    }
  });

  const even = fc.double({ min: 0, max: 10, noNaN: true });
  const sparse = fc.nat(24).map((loud) => (loud === 0 ? 10 : 0));
  it.each([
    ['any', even],
    ['few that are not silent', sparse],
  ])('leads from bands to magnitudes, none negative, that have these bands: %s', (_, magnitude) => {
    const bank = createMelFilterBank(small);
    const frames = fc.array(magnitude, { minLength: 258, maxLength: 258 });
    fc.assert(
      fc.property(frames, (magnitudes) => {
        const levels = bank.forward(Float64Array.from(magnitudes)); // two frames
        const found = bank.inverse(levels);
        expect(found.length).toBe(258);
        expect(found.every((value) => value >= 0)).toBe(true);
        const again = bank.forward(found);
        const error = Math.hypot(...levels.map((value, index) => value - again[index]!));
        expect(error).toBeLessThanOrEqual(0.03 * Math.hypot(...levels) + 1e-12);
      }),
      { numRuns: 30 },
    );
  });

  it('leads from silence to silence', () => {
    expect(
      createMelFilterBank(small)
        .inverse(new Float64Array(24))
        .every((value) => value === 0),
    ).toBe(true);
  });

  it.each([
    ['more bands than the transform tells apart', { mels: 200 }],
    ['frequencies out of order', { lowestFrequency: 3000, highestFrequency: 2000 }],
    ['frequencies beyond half the rate', { highestFrequency: 4001 }],
    ['negative frequencies', { lowestFrequency: -1 }],
  ])('refuses %s', (_, wrong) => {
    expect(() => createMelFilterBank({ ...small, ...wrong })).toThrow(
      expect.objectContaining({ code: 'config.invalid' }),
    );
  });
});

describe('mel scales', () => {
  it.each(Object.entries(melScales))('%s: lead back to the frequency', (_, { toMel, toHertz }) => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 24000, noNaN: true }), (hertz) => {
        expect(toHertz(toMel(hertz))).toBeCloseTo(hertz, 6);
      }),
    );
  });

  it('put 1000 Hz where they are defined to', () => {
    expect(melScales.slaney.toMel(1000)).toBeCloseTo(15, 12);
    expect(melScales.htk.toMel(1000)).toBeCloseTo(1000, 1);
  });
});
