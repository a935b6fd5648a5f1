import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { narrowToBfloat16, narrowToFloat16, widenBfloat16, widenFloat16 } from './half-precision.ts';

/* The reference numbers were made by numpy and PyTorch, with test/reference/half_precision.py. */
interface Fixture {
  readonly cases: readonly { readonly float32: string; readonly float16: string; readonly bfloat16: string }[];
  readonly digests: Readonly<Record<string, string>>;
}
const fixture = JSON.parse(readFileSync(new URL('./half-precision.fixture.json', import.meta.url), 'utf8')) as Fixture;

const fromBits = (bits: Uint32Array) => new Float32Array(bits.buffer, bits.byteOffset, bits.length);
const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0');
const digest = (array: Float32Array | Uint16Array) =>
  createHash('sha256').update(new Uint8Array(array.buffer)).digest('hex');
const every = Uint16Array.from({ length: 65536 }, (_, index) => index);
const withoutNan = (values: Float32Array) => values.map((value) => (Number.isNaN(value) ? 0 : value));

/** Float32 patterns all over the range, NaN left out. */
function walk(): Float32Array {
  const bits = Uint32Array.from({ length: 1 << 19 }, (_, index) => Math.imul(index, 0x9e3779b1));
  return fromBits(bits.filter((pattern) => (pattern & 0x7fffffff) <= 0x7f800000));
}

/** The middle between each two neighbours of a 16-bit format, and the float32 on either side of it; both signs. */
function aroundMidpoints(widened: Float32Array): Float32Array {
  const finite = widened.filter((value) => Number.isFinite(value) && !Object.is(value, -0) && value >= 0);
  const middles = Float32Array.from({ length: finite.length - 1 }, (_, at) => (finite[at]! + finite[at + 1]!) / 2);
  const positive = [...new Uint32Array(middles.buffer)].flatMap((bits) => [bits - 1, bits, bits + 1]);
  return fromBits(Uint32Array.from([...positive, ...positive.map((bits) => bits | 0x80000000)]));
}

describe('listed numbers', () => {
  it.each(fixture.cases)('narrows float32 $float32 to float16 $float16 and bfloat16 $bfloat16', (row) => {
    const value = fromBits(Uint32Array.of(Number.parseInt(row.float32, 16)));
    expect(hex(narrowToFloat16(value)[0]!, 4)).toBe(row.float16);
    expect(hex(narrowToBfloat16(value)[0]!, 4)).toBe(row.bfloat16);
  });
});

describe('all numbers', () => {
  it('widens each of the 65536 patterns of both formats as numpy and PyTorch do', () => {
    expect(digest(withoutNan(widenFloat16(every)))).toBe(fixture.digests['float16Widened']);
    expect(digest(withoutNan(widenBfloat16(every)))).toBe(fixture.digests['bfloat16Widened']);
  });

  it('narrows half a million patterns from all over float32 as numpy and PyTorch do', () => {
    expect(digest(narrowToFloat16(walk()))).toBe(fixture.digests['walkToFloat16']);
    expect(digest(narrowToBfloat16(walk()))).toBe(fixture.digests['walkToBfloat16']);
  });

  it('rounds at and beside every midpoint as numpy and PyTorch do', () => {
    const float16 = narrowToFloat16(aroundMidpoints(widenFloat16(every)));
    const bfloat16 = narrowToBfloat16(aroundMidpoints(widenBfloat16(every)));
    expect(digest(float16)).toBe(fixture.digests['midpointsToFloat16']);
    expect(digest(bfloat16)).toBe(fixture.digests['midpointsToBfloat16']);
  });

  it('brings every number back unchanged, and every NaN as a NaN', () => {
    for (const [widen, narrow] of [
      [widenFloat16, narrowToFloat16],
      [widenBfloat16, narrowToBfloat16],
    ] as const) {
      const values = widen(every);
      const numbers = every.filter((_, index) => !Number.isNaN(values[index]));
      expect(narrow(widen(numbers))).toEqual(numbers);
      const again = widen(narrow(values));
      expect(values.every((value, index) => Number.isNaN(value) === Number.isNaN(again[index]))).toBe(true);
    }
  });

  it('keeps a NaN whose only bits would be cut off', () => {
    const faint = fromBits(Uint32Array.of(0x7f800001, 0xff800001));
    expect([...widenFloat16(narrowToFloat16(faint))]).toEqual([NaN, NaN]);
    expect([...widenBfloat16(narrowToBfloat16(faint))]).toEqual([NaN, NaN]);
  });
});
