/** Writes WAV files: 16-bit integers, which every program reads, or 32-bit floats, which lose nothing. */
import type { RawAudio } from '@transfuse/core/contracts';

/** How samples are written: `pcm16` clamps to full scale and rounds to 65,536 steps, `float32` keeps them as they are. */
export type WavFormat = 'pcm16' | 'float32';

/** Encodes a sound as a whole WAV file. */
export function encodeWav({ sampleRate, channels }: RawAudio, format: WavFormat): Uint8Array {
  const [count, frames] = [channels.length, channels[0]!.length];
  const bytes = format === 'pcm16' ? 2 : 4;
  const length = frames * count * bytes; // even, so no padding
  const file = new Uint8Array(44 + length);
  const view = new DataView(file.buffer);
  const text = (at: number, word: string) => file.set(new TextEncoder().encode(word), at);
  text(0, 'RIFF');
  view.setUint32(4, 36 + length, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true); // bytes of the format chunk
  view.setUint16(20, format === 'pcm16' ? 1 : 3, true);
  view.setUint16(22, count, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * count * bytes, true);
  view.setUint16(32, count * bytes, true);
  view.setUint16(34, bytes * 8, true);
  text(36, 'data');
  view.setUint32(40, length, true);
  for (const [index, samples] of channels.entries()) {
    for (let frame = 0; frame < frames; frame++) {
      const at = 44 + (frame * count + index) * bytes;
      if (format === 'pcm16') view.setInt16(at, toInteger(samples[frame]!), true);
      else view.setFloat32(at, samples[frame]!, true);
    }
  }
  return file;
}

function toInteger(sample: number): number {
  return Math.max(-32768, Math.min(32767, Math.round(sample * 32768)));
}
