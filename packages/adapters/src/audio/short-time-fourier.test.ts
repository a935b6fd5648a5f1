import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestDifference } from '../../../../test/support/tiny-numbers.ts';
import { griffinLim } from './griffin-lim.ts';
import { createShortTimeFourier, magnitudesOf } from './short-time-fourier.ts';

interface Case {
  readonly windowLength: number;
  readonly hop: number;
  readonly fftSize: number;
  readonly frames: number;
  readonly shown: readonly number[];
  readonly spectrum: readonly number[];
  readonly turned: readonly number[];
  readonly griffinLim: readonly number[];
}
const { sound: reference, transforms } = JSON.parse(
  await readFile(new URL('audio-transforms.fixture.json', import.meta.url), 'utf8'),
) as { sound: readonly number[]; transforms: readonly Case[] };
const referenceSound = Float32Array.from(reference);

describe.each(transforms)('window $windowLength, hop $hop, transform of $fftSize', (expected) => {
  const fourier = createShortTimeFourier(expected);
  const spectrogram = fourier.forward(referenceSound);
  const { bins } = fourier;

  it('has the spectra of librosa', () => {
    expect([spectrogram.frames, spectrogram.bins]).toEqual([expected.frames, expected.fftSize / 2 + 1]);
    const shown = expected.shown.flatMap((frame) => [
      ...spectrogram.data.subarray(frame * bins * 2, (frame + 1) * bins * 2),
    ]);
    expect(largestDifference(shown, expected.spectrum)).toBeLessThan(1e-6);
  });

  it('leads from spectra that no sound has to the sound of librosa', () => {
    // Frame t turned by i^t.
    const data = spectrogram.data.slice();
    for (let at = 0; at < data.length; at += 2) {
      const [real, imaginary] = [data[at]!, data[at + 1]!];
      const turns = Math.floor(at / 2 / bins) % 4;
      const turned = [
        [real, imaginary],
        [-imaginary, real],
        [-real, -imaginary],
        [imaginary, -real],
      ][turns]!;
      data.set(turned, at);
    }
    const sound = fourier.inverse({ ...spectrogram, data }, referenceSound.length);
    expect(largestDifference(sound, expected.turned)).toBeLessThan(1e-6);
  });

  it('finds in 8 iterations the sound that librosa finds', () => {
    const magnitudes = magnitudesOf(spectrogram);
    const sound = griffinLim(magnitudes, fourier, { length: referenceSound.length, iterations: 8 });
    expect(largestDifference(sound, expected.griffinLim)).toBeLessThan(1e-5);
  });
});

describe('createShortTimeFourier', () => {
  it('leads back to any sound', () => {
    const settings = fc.record({
      windowLength: fc.integer({ min: 4, max: 70 }),
      share: fc.double({ min: 0.05, max: 0.5, noNaN: true }),
    });
    const sounds = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(settings, sounds, ({ windowLength, share }, sound) => {
        const hop = Math.max(1, Math.floor(windowLength * share));
        const fourier = createShortTimeFourier({ windowLength, hop });
        const frames = 1 + Math.ceil(sound.length / hop);
        const back = fourier.inverse(fourier.forward(sound, { frames }), sound.length);
        expect(largestDifference(back, sound)).toBeLessThan(1e-9);
      }),
    );
  });

  it('says how large a full-scale sine is', () => {
    const fourier = createShortTimeFourier({ windowLength: 64, hop: 16 });
    const sine = Float32Array.from({ length: 256 }, (_, n) => Math.sin((2 * Math.PI * 8 * n) / 64));
    const frame = magnitudesOf(fourier.forward(sine)).subarray(8 * fourier.bins, 9 * fourier.bins);
    expect(frame[8]).toBeCloseTo(fourier.windowSum / 2, 5);
  });

  it.each([
    { windowLength: 64, hop: 33 },
    { windowLength: 64, hop: 0 },
    { windowLength: 2, hop: 1 },
    { windowLength: 64, hop: 16, fftSize: 32 },
    { windowLength: 64, hop: 16, fftSize: 96 },
    { windowLength: 64.5, hop: 16 },
  ])('refuses %o', (settings) => {
    expect(() => createShortTimeFourier(settings)).toThrow(expect.objectContaining({ code: 'config.invalid' }));
  });
});

describe('griffinLim', () => {
  it('comes nearer to the magnitudes the longer it works, and with momentum nearer than without', () => {
    const fourier = createShortTimeFourier({ windowLength: 64, hop: 16 });
    const wanted = magnitudesOf(fourier.forward(referenceSound));
    const missed = (iterations: number, momentum: number) => {
      const sound = griffinLim(wanted, fourier, { length: referenceSound.length, iterations, momentum });
      const found = magnitudesOf(fourier.forward(sound));
      return Math.hypot(...wanted.map((value, index) => value - found[index]!)) / Math.hypot(...wanted);
    };
    const [start, early, late, plain] = [missed(0, 0.99), missed(10, 0.99), missed(60, 0.99), missed(60, 0)];
    expect(early).toBeLessThan(start);
    expect(late).toBeLessThan(early);
    expect(late).toBeLessThan(plain);
    expect(late).toBeLessThan(0.15);
  });
});
