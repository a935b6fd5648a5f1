/*
 * A file of the data set: what its name says, and its sound. Recordings are WAV files of 16-bit samples, one channel.
 */

import type { RawAudio } from '@transfuse/core/contracts';

/** Who says what: the name `3_george_12.wav` in parts. */
export interface RecordingName {
  readonly digit: number;
  readonly speaker: string;
  readonly index: number;
}

/** The parts of a path that ends like `3_george_12.wav`; undefined for other files. */
export function recordingNameOf(path: string): RecordingName | undefined {
  const match = /(?:^|[/\\])(\d)_([a-z]+)_(\d+)\.wav$/.exec(path);
  if (match === null) return undefined;
  return { digit: Number(match[1]), speaker: match[2]!, index: Number(match[3]) };
}

/** The sound of a recording. @throws Error with a phrase that completes "found …" */
export function decodeRecording(bytes: Uint8Array): RawAudio {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (word(0) !== 'RIFF' || word(8) !== 'WAVE') throw new Error('no WAV file');
  let sampleRate: number | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const [id, size, start] = [word(at), view.getUint32(at + 4, true), at + 8];
    if (start + size > bytes.length) throw new Error('a WAV file that is cut short');
    if (id === 'fmt ' && size >= 16) {
      const [tag, channels, bits] = [
        view.getUint16(start, true),
        view.getUint16(start + 2, true),
        view.getUint16(start + 14, true),
      ];
      if (tag !== 1 || channels !== 1 || bits !== 16)
        throw new Error(`format ${tag}, ${channels} channels of ${bits} bits`);
      sampleRate = view.getUint32(start + 4, true);
    }
    if (id === 'data' && sampleRate !== undefined && size >= 2) {
      const samples = Float32Array.from(
        { length: Math.floor(size / 2) },
        (_, n) => view.getInt16(start + 2 * n, true) / 32768,
      );
      return { sampleRate, channels: [samples] };
    }
    at = start + size + (size % 2);
  }
  throw new Error('a WAV file without sound');
}
