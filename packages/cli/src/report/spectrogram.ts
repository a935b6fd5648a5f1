// What sounds in a sound and when: time to the right, frequency upwards on an even scale, the power of the short-time
// Fourier transform in decibels as colour, 70 dB below the loudest place being dark.

import { AudioClip, createShortTimeFourier, magnitudesOf, type RawAudio } from '@transfuse/adapters/audio';
import type { RawImage } from '@transfuse/core/contracts';

const window = 0.032; // seconds
const highest = 8_000; // Hz; what lies above is left out
const range = 70; // dB

/** A colour for every share of the range, from silence to the loudest, between which colours are mixed. */
const colours = [
  [8, 6, 24],
  [59, 15, 112],
  [140, 41, 129],
  [222, 73, 104],
  [254, 159, 109],
  [252, 253, 191],
] as const;

/** The highest frequency that {@link spectrogram} shows of a sound, in Hz. */
export function highestShown({ sampleRate }: RawAudio): number {
  return Math.min(highest, sampleRate / 2);
}

/** The spectrogram as a picture: a column for every frame, a row for every frequency. */
export function spectrogram(sound: RawAudio): RawImage {
  const [samples] = AudioClip.from(sound).toMono().channels;
  const windowLength = Math.max(16, 2 ** Math.round(Math.log2(window * sound.sampleRate)));
  const transform = createShortTimeFourier({ windowLength, hop: windowLength / 4 });
  const spectrum = transform.forward(samples!);
  const magnitudes = magnitudesOf(spectrum);
  const { frames: width, bins } = spectrum;
  const height = Math.max(1, Math.round(((bins - 1) * highestShown(sound)) / (sound.sampleRate / 2)));
  const loudest = Math.max(
    1e-4 * transform.windowSum,
    magnitudes.reduce((most, magnitude) => Math.max(most, magnitude), 0),
  );
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const magnitude = magnitudes[column * bins + (height - 1 - row)]!;
      const decibels = 20 * Math.log10(Math.max(magnitude / loudest, 1e-9));
      data.set(colourOf(1 + decibels / range), (row * width + column) * 3);
    }
  }
  return { width, height, data };
}

function colourOf(share: number): readonly number[] {
  const at = Math.min(1, Math.max(0, share)) * (colours.length - 1);
  const from = Math.min(colours.length - 2, Math.floor(at));
  return colours[from]!.map((low, channel) => Math.round(low + (colours[from + 1]![channel]! - low) * (at - from)));
}
