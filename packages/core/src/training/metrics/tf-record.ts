/**
 * TFRecord, the framing of TensorFlow's record files (tensorflow/core/lib/io/record_writer.h): each record is its
 * 8-byte little-endian length, a checksum of those bytes, the record, and a checksum of the record. The checksum is
 * CRC-32C (Castagnoli; RFC 3720, appendix B.4), rotated and shifted by a constant, as TensorFlow masks it.
 */

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0x82f63b78 : 0);
  return remainder;
});

/** The CRC-32C of bytes, from 0 to 2^32 - 1. */
export function crc32c(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) remainder = table[(remainder ^ byte) & 0xff]! ^ (remainder >>> 8);
  return (remainder ^ 0xffffffff) >>> 0;
}

/** The checksum as TFRecord stores it: rotated right by 15 bits, plus a constant. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** One framed record, ready to be appended to a file. */
export function tfRecord(record: Uint8Array): Uint8Array {
  const framed = new Uint8Array(12 + record.length + 4);
  const view = new DataView(framed.buffer);
  view.setBigUint64(0, BigInt(record.length), true);
  view.setUint32(8, maskedCrc32c(framed.subarray(0, 8)), true);
  framed.set(record, 12);
  view.setUint32(12 + record.length, maskedCrc32c(record), true);
  return framed;
}
