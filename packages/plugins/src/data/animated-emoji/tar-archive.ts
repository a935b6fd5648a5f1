/*
 * Reads tar archives: headers of 512 bytes, each followed by its file, filled up to the next 512 (POSIX.1-1988 ustar).
 * Regular files with names of up to 255 characters; links, folders and extended headers are passed over.
 */

/** A file of an archive. */
export interface TarFile {
  readonly name: string;
  /** Shared with the archive. */
  readonly data: Uint8Array;
}

/** The regular files of an archive, in its order. Throws a plain Error where it is damaged or no archive. */
export function* readTar(archive: Uint8Array): Generator<TarFile> {
  for (let at = 0; at + 512 <= archive.length;) {
    const header = archive.subarray(at, at + 512);
    if (header.every((byte) => byte === 0)) return;
    if (octal(header, 148, 8) !== checksumOf(header)) throw new Error('no tar archive, or a damaged one');
    const size = octal(header, 124, 12);
    const data = archive.subarray(at + 512, at + 512 + size);
    if (data.length < size) throw new Error('a tar archive that is cut off');
    const kind = header[156]!;
    if (kind === 0 || kind === 0x30) {
      const prefix = text(header, 257, 5) === 'ustar' ? text(header, 345, 155) : '';
      yield { name: `${prefix === '' ? '' : `${prefix}/`}${text(header, 0, 100)}`, data };
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

function text(header: Uint8Array, from: number, length: number): string {
  const field = header.subarray(from, from + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end === -1 ? field : field.subarray(0, end));
}

function octal(header: Uint8Array, from: number, length: number): number {
  return Number.parseInt(text(header, from, length).trim() || '0', 8);
}

/** The sum of the header's bytes, with spaces in place of the sum itself. */
function checksumOf(header: Uint8Array): number {
  return header.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 0x20 : byte), 0);
}
