/*
 * Reads the files of a tar archive that is wholly in memory (POSIX.1-1988 "ustar", with the long names of GNU tar and of
 * pax headers): blocks of 512 bytes, a header with name and size, then the content, filled up to a whole block.
 */

/** A file of the archive; its content is a view of the archive's bytes. */
export interface TarFile {
  readonly name: string;
  readonly content: Uint8Array;
}

const block = 512;
const kinds = { file: ['0', '\0'], gnuLongName: 'L', pax: 'x' };

/** The plain files of an archive, in order. @throws Error with a phrase that completes "found …" */
export function* tarFiles(archive: Uint8Array): Generator<TarFile> {
  let longName: string | undefined;
  for (let at = 0; at + block <= archive.length;) {
    const header = archive.subarray(at, at + block);
    if (header.every((byte) => byte === 0)) return;
    const size = Number.parseInt(text(header, 124, 12).trim(), 8);
    const [start, end] = [at + block, at + block + size];
    if (!isHeader(header) || !(end <= archive.length)) throw new Error(`a damaged archive, at byte ${at}`);
    const content = archive.subarray(start, end);
    const kind = String.fromCharCode(header[156]!);
    if (kinds.file.includes(kind)) yield { name: longName ?? shortName(header), content };
    if (kind === kinds.gnuLongName) longName = text(content, 0, content.length);
    else if (kind === kinds.pax) longName = paxPath(text(content, 0, content.length)) ?? longName;
    else longName = undefined;
    at = start + Math.ceil(size / block) * block;
  }
}

/** Whether the checksum holds: the sum of the header's bytes, its own field counted as spaces. */
function isHeader(header: Uint8Array): boolean {
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  return Number.parseInt(text(header, 148, 8).trim(), 8) === sum;
}

function shortName(header: Uint8Array): string {
  const [name, prefix] = [text(header, 0, 100), text(header, 345, 155)];
  return text(header, 257, 5) === 'ustar' && prefix !== '' ? `${prefix}/${name}` : name;
}

/** Records are `length key=value`, one per line. */
function paxPath(records: string): string | undefined {
  return /^\d+ path=(.*)$/m.exec(records)?.[1];
}

function text(bytes: Uint8Array, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}
