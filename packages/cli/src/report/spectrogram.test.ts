import { describe, expect, it } from 'vitest';
import { highestShown, spectrogram } from './spectrogram.ts';

function tone(hertz: number, sampleRate: number) {
  const samples = Float32Array.from(
    { length: sampleRate / 2 },
    (_, index) => 0.5 * Math.sin((2 * Math.PI * hertz * index) / sampleRate),
  );
  return { sampleRate, channels: [samples] };
}

/** The brightest row in the middle of the picture, as a share of the height from below. */
function brightest(sound: ReturnType<typeof tone>): number {
  const { width, height, data } = spectrogram(sound);
  const column = Math.floor(width / 2);
  const rows = Array.from({ length: height }, (_, row) => data[(row * width + column) * 3]!);
  return 1 - (rows.indexOf(Math.max(...rows)) + 0.5) / height;
}

describe('a spectrogram', () => {
  it.each([
    [1000, 8000, 0.25],
    [3000, 8000, 0.75],
    [2000, 44_100, 0.25],
  ])('has a tone of %i Hz at %i samples per second at its height', (hertz, rate, share) => {
    expect(Math.abs(brightest(tone(hertz, rate)) - share)).toBeLessThan(0.02);
  });

  it('shows up to half the sample rate, and at most 8 kHz', () => {
    expect([8000, 16_000, 44_100].map((rate) => highestShown(tone(100, rate)))).toEqual([4000, 8000, 8000]);
  });

  it('of silence is dark everywhere', () => {
    const { data } = spectrogram({ sampleRate: 8000, channels: [new Float32Array(100)] });
    expect(new Set(data)).toEqual(new Set([8, 6, 24]));
  });

  it('has time to the right: what sounds in the second half is bright in the right half', () => {
    const samples = tone(1000, 8000).channels[0]!.map((sample, index) => (index < 2000 ? 0 : sample));
    const { width, height, data } = spectrogram({ sampleRate: 8000, channels: [samples] });
    const reds = (from: number, to: number) =>
      Array.from({ length: height * (to - from) }, (_, index) => {
        const [row, column] = [Math.floor(index / (to - from)), from + (index % (to - from))];
        return data[(row * width + column) * 3]!;
      });
    expect(Math.max(...reds(0, Math.floor(width * 0.4)))).toBe(8);
    expect(Math.max(...reds(Math.ceil(width * 0.6), width))).toBe(253);
  });
});
