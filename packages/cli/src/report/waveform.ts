// The outline of a sound as a small SVG: for every column of pixels the range that samples take there. The height is
// the sound's own peak, so that a quiet sound has a shape too.

import type { RawAudio } from '@transfuse/adapters/audio';
import { markup, type Markup } from './markup.ts';

const height = 40;
const quietest = 0.02; // what is quieter than this share of full scale is drawn as the silence it is

/** Draws the sound, its channels together, `width` pixels wide. */
export function waveform(
  { channels }: RawAudio,
  { width, label }: { readonly width: number; readonly label: string },
): Markup {
  const length = channels[0]?.length ?? 0;
  const peak = channels.reduce((most, samples) => samples.reduce((m, value) => Math.max(m, Math.abs(value)), most), 0);
  const scale = height / 2 / Math.max(peak, quietest);
  const y = (value: number) => (height / 2 - value * scale).toFixed(1);
  const bars = Array.from({ length: width }, (_, column) => {
    const from = Math.floor((column * length) / width);
    const to = Math.max(from + 1, Math.floor(((column + 1) * length) / width));
    let [low, high] = [Infinity, -Infinity];
    for (const samples of channels) {
      for (let at = from; at < to && at < samples.length; at++) {
        low = Math.min(low, samples[at]!);
        high = Math.max(high, samples[at]!);
      }
    }
    return high < low ? '' : `M${column + 0.5} ${y(high)}V${y(low - 0.5 / scale)}`;
  });
  return markup`<svg class="waveform" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" preserveAspectRatio="none" role="img" aria-label="${label}"><path d="${bars.join('')}" fill="none" stroke="currentColor"/></svg>`;
}
