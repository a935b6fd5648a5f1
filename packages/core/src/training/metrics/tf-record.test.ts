import { describe, expect, it } from 'vitest';
import { crc32c, maskedCrc32c, tfRecord } from './tf-record.ts';

const ascii = (text: string) => new TextEncoder().encode(text);

describe('CRC-32C', () => {
  it('gives the check value of the algorithm', () => {
    expect(crc32c(ascii('123456789'))).toBe(0xe3069283);
  });

  it('gives the sums of RFC 3720, appendix B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index))).toBe(0x46dd794e);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, index) => 31 - index))).toBe(0x113fdb5c);
  });

  it('of nothing is 0, and masking that leaves the constant alone', () => {
    expect(crc32c(new Uint8Array(0))).toBe(0);
    expect(maskedCrc32c(new Uint8Array(0))).toBe(0xa282ead8);
  });
});

describe('a TFRecord', () => {
  it('is length, masked sum of the length, record, masked sum of the record', () => {
    // Python: c = 0xE3069283; hex((((c >> 15) | (c << 17) & 0xFFFFFFFF) + 0xA282EAD8) & 0xFFFFFFFF)
    const framed = Buffer.from(tfRecord(ascii('123456789')));
    expect(framed).toHaveLength(8 + 4 + 9 + 4);
    expect(framed.readBigUInt64LE(0)).toBe(9n);
    expect(framed.readUInt32LE(8)).toBe(maskedCrc32c(framed.subarray(0, 8)));
    expect(framed.subarray(12, 21).toString()).toBe('123456789');
    expect(framed.readUInt32LE(21)).toBe(0xc78ab0e5);
  });
});
