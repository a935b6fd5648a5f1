import { describe, expect, it } from 'vitest';
import { decodeWav } from './wav-decoder.ts';
import { encodeWav } from './wav-encoder.ts';

const sound = { sampleRate: 8000, channels: [Float32Array.of(0.25, -0.5, 0.75)] };
const plain = encodeWav(sound, 'pcm16');
const chunk = (id: string, content: readonly number[], size = content.length) => [
  ...Buffer.from(id),
  ...new Uint8Array(Uint32Array.of(size).buffer),
  ...content,
];
const [head, format, data] = [[...plain.subarray(0, 12)], [...plain.subarray(12, 36)], [...plain.subarray(44)]];
const file = (...parts: readonly (readonly number[])[]) => Uint8Array.from([...head, ...parts.flat()]);
const damaged = (at: number, value: number) => plain.map((byte, index) => (index === at ? value : byte));

describe('decodeWav', () => {
  it('passes over other chunks, before and after, with their padding', () => {
    const odd = [...chunk('JUNK', [1, 2, 3]), 0];
    const list = chunk('LIST', [0x64, 0x61, 0x74, 0x61]); // its content reads "data"
    expect(decodeWav(file(odd, format, list, chunk('data', data), odd))).toEqual(sound);
  });

  it.each([0, 0x7fffffff, 0xffffffff])('reads to the end where a stream left the size at %s', (size) => {
    expect(decodeWav(file(format, chunk('data', data, size)))).toEqual(sound);
  });

  it('leaves out a last sample that is not whole', () => {
    expect(decodeWav(file(format, chunk('data', [...data, 1])))).toEqual(sound);
  });

  it('reads bytes that lie within a larger buffer', () => {
    const larger = new Uint8Array(plain.length + 7);
    larger.set(plain, 5);
    expect(decodeWav(larger.subarray(5, 5 + plain.length))).toEqual(sound);
  });

  it.each([
    ['no data', file(format), /no data chunk/],
    ['no format', file(chunk('data', data)), /without a format chunk/],
    ['a short format', file(chunk('fmt ', format.slice(8, 20)), chunk('data', data)), /format chunk is cut short/],
    ['a missing end', file(format, chunk('data', data, 10)), /4 bytes at the end are missing/],
    ['compression', damaged(20, 6), /format 6 with 16 bits/],
    ['bits of no kind', damaged(34, 12), /format 1 with 12 bits/],
    ['no channels', damaged(22, 0), /2 bytes for 0 samples/],
    ['bytes that do not fit the channels', damaged(22, 2), /2 bytes for 2 samples of 16 bits/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeWav(bytes)).toThrow(message);
  });
});
