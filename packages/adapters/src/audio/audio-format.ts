/*
 * Tells the kinds of sound files apart by their first bytes, whatever their names say: RIFF (WAV), fLaC (RFC 9639),
 * OggS with a Vorbis, FLAC or Opus header in its first page (RFC 3533), MPEG frames with or without an ID3v2 tag.
 */

/** A kind of sound file, as far as it can be told; `opus` and `unknown` are not decoded. */
export type AudioFormat = 'wav' | 'flac' | 'ogg-vorbis' | 'mp3' | 'opus' | 'unknown';

/** The kind of a file's content. */
export function audioFormatOf(bytes: Uint8Array): AudioFormat {
  const content = bytes.subarray(id3Length(bytes));
  if (startsWith(content, 'RIFF') && startsWith(content.subarray(8), 'WAVE')) return 'wav';
  if (startsWith(content, 'fLaC')) return 'flac';
  if (startsWith(content, 'OggS')) return oggFormat(content);
  const isMpeg = content[0] === 0xff && (content[1]! & 0xe0) === 0xe0 && (content[1]! & 0x06) === 0x02; // layer III
  return isMpeg ? 'mp3' : 'unknown';
}

/** Bytes of an ID3v2 tag at the beginning, 0 where there is none; its size has seven bits per byte. */
export function id3Length(bytes: Uint8Array): number {
  if (!startsWith(bytes, 'ID3') || bytes.length < 10) return 0;
  return 10 + bytes.subarray(6, 10).reduce((size, byte) => size * 128 + (byte & 0x7f), 0);
}

function oggFormat(bytes: Uint8Array): AudioFormat {
  const packet = bytes.subarray(27 + (bytes[26] ?? 0)); // the page's header, then one byte per segment
  if (startsWith(packet, '\u0001vorbis')) return 'ogg-vorbis';
  if (startsWith(packet, '\u007fFLAC')) return 'flac';
  return startsWith(packet, 'OpusHead') ? 'opus' : 'unknown';
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return bytes.length >= text.length && [...text].every((letter, index) => bytes[index] === letter.charCodeAt(0));
}
