// A sound inside the page: its outline, its spectrogram, and a player. The samples are a WAV file in a data URI, so that
// the report is one file. Sounds are as wide as they are long, up to a limit, so that neighbours can be compared.

import { AudioClip, type RawAudio } from '@transfuse/adapters/audio';
import sharp from 'sharp';
import { markup, type Markup } from './markup.ts';
import { formatMeasure } from './quantity.ts';
import { highestShown, spectrogram } from './spectrogram.ts';
import type { ShownOptions } from './shown-value.ts';
import { waveform } from './waveform.ts';

const pixelsPerSecond = 220;
const [narrowest, widest] = [120, 320];
const spectrogramHeight = 96;

/**
 * The elements that show and play a sound.
 *
 * @throws TransfuseError `audio.undecodable` if it is none.
 */
export async function shownSound(sound: RawAudio, { alt }: ShownOptions): Promise<Markup> {
  const clip = AudioClip.from(sound);
  const width = Math.round(Math.min(widest, Math.max(narrowest, clip.seconds * pixelsPerSecond)));
  const label = `${alt}, ${formatMeasure(clip.seconds, 3)} s`;
  const frequencies = `up to ${formatMeasure(highestShown(clip) / 1000, 2)} kHz`;
  const { width: columns, height: rows, data } = spectrogram(clip);
  const png = await sharp(data, { raw: { width: columns, height: rows, channels: 3 } })
    .resize({ width: width * 2, height: spectrogramHeight * 2, fit: 'fill', kernel: 'cubic' })
    .png({ compressionLevel: 9, palette: true, colours: 64 })
    .toBuffer();
  return markup`<div class="sound">${waveform(clip, { width, label: `Outline of ${label}` })}<img src="data:image/png;base64,${png.toString('base64')}" width="${width}" height="${spectrogramHeight}" alt="Spectrogram of ${label}, ${frequencies}"><audio controls preload="metadata" src="data:audio/wav;base64,${Buffer.from(clip.toWav()).toString('base64')}" aria-label="${label}"></audio></div>`;
}
