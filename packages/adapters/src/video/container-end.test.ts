import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCutOff } from './container-end.ts';

const body = fc.integer({ min: 0, max: 300 });

function box(length: number, form: 'short' | 'long'): Uint8Array {
  const header = new DataView(new ArrayBuffer(form === 'short' ? 8 : 16));
  header.setUint32(0, form === 'short' ? 8 + length : 1);
  header.setUint32(4, 0x6d646174);
  if (form === 'long') header.setBigUint64(8, BigInt(16 + length));
  return Buffer.concat([new Uint8Array(header.buffer), new Uint8Array(length)]);
}

/** An element with a length of two bytes. */
function element(identifier: readonly number[], length: number): Uint8Array {
  return Buffer.concat([Uint8Array.of(...identifier, 0x40 | (length >> 8), length & 255), new Uint8Array(length)]);
}

const boxes = fc
  .array(fc.record({ length: body, form: fc.constantFrom('short' as const, 'long' as const) }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((all) => Buffer.concat(all.map(({ length, form }) => box(length, form))));
const elements = body.map((length) =>
  Buffer.concat([element([0x1a, 0x45, 0xdf, 0xa3], 20), element([0x18, 0x53, 0x80, 0x67], length)]),
);

describe('isCutOff', () => {
  it('passes whole files', () => {
    fc.assert(fc.property(fc.oneof(boxes, elements), (file) => !isCutOff(file)));
  });

  it('notices when the last part is not all there', () => {
    fc.assert(
      fc.property(boxes, (file) => {
        expect(isCutOff(file.subarray(0, file.length - 1))).toBe(true);
      }),
    );
    fc.assert(
      fc.property(elements, fc.nat(), (file, cut) => {
        expect(isCutOff(file.subarray(0, 27 + (cut % (file.length - 27))))).toBe(true);
      }),
    );
  });

  it('lets parts of unknown length end anywhere', () => {
    const toTheEnd = box(40, 'short');
    toTheEnd.fill(0, 0, 4);
    expect(isCutOff(toTheEnd.subarray(0, 30))).toBe(false);
    const live = [element([0x1a, 0x45, 0xdf, 0xa3], 20), Uint8Array.of(0x18, 0x53, 0x80, 0x67, 0xff, 1, 2, 3)];
    expect(isCutOff(Buffer.concat(live))).toBe(false);
  });

  it('refuses lengths that make no sense', () => {
    expect(isCutOff(Uint8Array.of(0, 0, 0, 4, 102, 116, 121, 112))).toBe(true);
    expect(isCutOff(Uint8Array.of(0x1a, 0x45, 0xdf, 0xa3, 0x81, 0, 0, 0))).toBe(true);
  });
});
