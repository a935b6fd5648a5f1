import { expect, it } from 'vitest';
import { waveform } from './waveform.ts';

/** Top and bottom of the bar in every column. */
function bars(channels: readonly Float32Array[], width: number): readonly (readonly [number, number])[] {
  const { text } = waveform({ sampleRate: 8000, channels }, { width, label: 'x' });
  return [...text.matchAll(/M[\d.]+ (-?[\d.]+)V(-?[\d.]+)/gu)].map(([, top, bottom]) => [Number(top), Number(bottom)]);
}

it('an outline reaches from edge to edge at the loudest column, and is flat where it is silent', () => {
  const [loud, silent] = bars([Float32Array.of(0.1, -0.1, 0, 0)], 2);
  expect(loud).toEqual([0, 40.5]);
  expect(silent).toEqual([20, 20.5]);
});

it('an outline takes in every channel, and what is all but silent stays flat', () => {
  expect(bars([Float32Array.of(0.5), Float32Array.of(-0.25)], 1)).toEqual([[0, 30.5]]);
  expect(bars([Float32Array.of(0.0001)], 1)[0]![0]).toBeGreaterThan(19.5);
});

it('a sound shorter than the outline is stretched, not repeated', () => {
  expect(bars([Float32Array.of(1, 0)], 4).map(([top]) => top)).toEqual([0, 0, 20, 20]);
});
