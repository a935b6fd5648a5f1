import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPowerSpectrum } from './power-spectrum.ts';

describe('createPowerSpectrum', () => {
  it.each([2, 8, 64])('computes the sums of the discrete Fourier transform, for %s samples', (size) => {
    const spectrum = createPowerSpectrum(size);
    const sounds = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: size, maxLength: size });
    fc.assert(
      fc.property(sounds, (samples) => {
        const powers = spectrum(samples);
        expect(powers.length).toBe(size / 2 + 1);
        for (const [bin, power] of powers.entries()) {
          const part = (wave: (angle: number) => number) =>
            samples.reduce((sum, sample, n) => sum + sample * wave((2 * Math.PI * bin * n) / size), 0);
          expect(power).toBeCloseTo(part(Math.cos) ** 2 + part(Math.sin) ** 2, 8);
        }
      }),
      { numRuns: 20 },
    );
  });
});
