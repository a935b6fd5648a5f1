/**
 * Whether a container file is all there. Decoders read a file that was cut off up to where it ends and say nothing, so
 * the lengths that the outermost parts claim are added up: boxes of ISO 14496-12 (MP4, QuickTime), elements of EBML
 * (RFC 8794; WebM, Matroska). Parts of unknown length, as live recordings have them, may end anywhere.
 */

/** Whether a part claims to go on after the last byte. */
export function isCutOff(bytes: Uint8Array): boolean {
  const nextPart = bytes[0] === 0x1a ? elementEnd : boxEnd;
  for (let at = 0; at < bytes.length;) {
    const end = nextPart(bytes, at);
    if (end === 'unknown') return false;
    if (end === undefined || end > bytes.length) return true;
    at = end;
  }
  return false;
}

/** Where a part ends; undefined where its own header is cut off or makes no sense. */
type End = number | 'unknown' | undefined;

/** A box: its length in 4 bytes, its name, and where the length is 1 the real one in 8 bytes; 0 is up to the end. */
function boxEnd(bytes: Uint8Array, at: number): End {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (at + 8 > bytes.length) return undefined;
  const size = view.getUint32(at);
  if (size === 0) return 'unknown';
  if (size > 1) return size >= 8 ? at + size : undefined;
  if (at + 16 > bytes.length) return undefined;
  const long = Number(view.getBigUint64(at + 8));
  return long >= 16 ? at + long : undefined;
}

/** An element: an identifier and a length, each as long as the zero bits say that it begins with; all ones is unknown. */
function elementEnd(bytes: Uint8Array, at: number): End {
  const identifier = Math.clz32(bytes[at]!) - 23; // in bytes
  const first = bytes[at + identifier];
  if (identifier > 4 || first === undefined) return undefined;
  const width = Math.clz32(first) - 23;
  if (width > 8 || at + identifier + width > bytes.length) return undefined;
  let [size, isUnknown] = [0, true];
  for (let index = 0; index < width; index++) {
    const mask = index === 0 ? 0xff >> width : 0xff;
    const digit = bytes[at + identifier + index]! & mask;
    size = size * 256 + digit;
    isUnknown &&= digit === mask;
  }
  return isUnknown ? 'unknown' : at + identifier + width + size;
}
