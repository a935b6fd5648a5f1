/*
 * Whether a GIF is there to its end (GIF89a specification, 1990, sections 17 to 27). Decoders show what they have of a
 * GIF that breaks off in the middle, with frames missing and no word about it; its blocks say how long they are.
 */

/** Whether the bytes begin as a GIF and break off inside a block. A missing trailer, as some programs leave it, is no break. */
export function isBrokenGif(bytes: Uint8Array): boolean {
  if (!/^GIF8[79]a$/.test(String.fromCharCode(...bytes.subarray(0, 6)))) return false;
  if (bytes.length < 13) return true;
  let at = 13 + tableSize(bytes[10]!); // the signature, the screen and its colours
  while (at < bytes.length) {
    const introducer = bytes[at];
    if (introducer === 0x21) {
      at = afterSubBlocks(bytes, at + 2); // an extension and its label
    } else if (introducer === 0x2c) {
      if (at + 10 >= bytes.length) return true;
      at = afterSubBlocks(bytes, at + 11 + tableSize(bytes[at + 9]!)); // a picture, its colours, the size of its codes
    } else {
      return false; // the trailer, or what somebody has appended
    }
  }
  return at > bytes.length;
}

/** Bytes of a colour table, from the byte that says whether there is one. */
function tableSize(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

/** Where the sub-blocks that begin here have ended: past the end of the bytes if they have not. */
function afterSubBlocks(bytes: Uint8Array, begin: number): number {
  let at = begin;
  while (at < bytes.length && bytes[at] !== 0) at += 1 + bytes[at]!;
  return at + 1;
}
