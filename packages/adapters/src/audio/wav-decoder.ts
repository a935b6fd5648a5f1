/*
 * Reads WAV files (Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0", 1991, and the
 * WAVE_FORMAT_EXTENSIBLE addition): integers of 8, 16, 24 and 32 bits and floats of 32 and 64, any number of channels,
 * whatever other chunks stand around them. Compressed WAV files are refused by name.
 */
import type { RawAudio } from '@transfuse/core/contracts';

interface Format {
  readonly tag: number;
  readonly channels: number;
  readonly sampleRate: number;
  readonly blockBytes: number;
  readonly bits: number;
}

const tags = { integer: 1, float: 3, extensible: 0xfffe };
/** Sizes that programs write which do not know the length yet: the sound goes to the end of the file. */
const openEnded = [0, 0x7fffffff, 0xffffffff];

/** Decodes a whole WAV file. @throws Error with a phrase that completes "found …" */
export function decodeWav(bytes: Uint8Array): RawAudio {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: Format | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const [id, size, start] = [textAt(bytes, at), view.getUint32(at + 4, true), at + 8];
    if (id === 'fmt ') format = readFormat(view, start, size);
    if (id === 'data') return samplesOf(view, start, size, format);
    at = start + size + (size % 2); // chunks begin at even places
  }
  throw new Error('a WAV file without sound (no data chunk)');
}

function readFormat(view: DataView, start: number, size: number): Format {
  if (size < 16 || start + size > view.byteLength) throw new Error('a WAV file whose format chunk is cut short');
  const tag = view.getUint16(start, true);
  const [channels, sampleRate] = [view.getUint16(start + 2, true), view.getUint32(start + 4, true)];
  const [blockBytes, bits] = [view.getUint16(start + 12, true), view.getUint16(start + 14, true)];
  const inner = tag === tags.extensible && size >= 26 ? view.getUint16(start + 24, true) : tag;
  return { tag: inner, channels, sampleRate, blockBytes, bits };
}

function samplesOf(view: DataView, start: number, size: number, format: Format | undefined): RawAudio {
  if (format === undefined) throw new Error('a WAV file without a format chunk before its sound');
  const there = view.byteLength - start;
  const length = openEnded.includes(size) ? there : size;
  if (length > there) throw new Error(`a WAV file of which ${length - there} bytes at the end are missing`);
  const { channels: count, sampleRate, bits, blockBytes, tag } = format;
  const read = readers[`${tag}/${bits}`];
  if (read === undefined) throw new Error(`a WAV file of format ${tag} with ${bits} bits`);
  const bytes = bits / 8;
  if (count === 0 || blockBytes !== count * bytes) {
    throw new Error(`a WAV file with ${blockBytes} bytes for ${count} samples of ${bits} bits`);
  }
  const frames = Math.floor(length / blockBytes);
  const channels = Array.from({ length: count }, (_, channel) => {
    const samples = new Float32Array(frames);
    const first = start + channel * bytes;
    for (let frame = 0; frame < frames; frame++) samples[frame] = read(view, first + frame * blockBytes);
    return samples;
  });
  return { sampleRate, channels };
}

const readers: Readonly<Record<string, (view: DataView, at: number) => number>> = {
  '1/8': (view, at) => (view.getUint8(at) - 128) / 128,
  '1/16': (view, at) => view.getInt16(at, true) / 32768,
  '1/24': (view, at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 65536) / 8388608,
  '1/32': (view, at) => view.getInt32(at, true) / 2147483648,
  '3/32': (view, at) => view.getFloat32(at, true),
  '3/64': (view, at) => view.getFloat64(at, true),
};

function textAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
