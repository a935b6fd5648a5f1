import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sha256 } from './sha256.ts';

const reference = (parts: readonly Uint8Array[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

it('gives the digest that the standard gives for "abc"', () => {
  expect(sha256([new TextEncoder().encode('abc')])).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

it('gives what Node.js computes, for any bytes in any parts', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (parts) => {
      expect(sha256(parts)).toBe(reference(parts));
    }),
    { numRuns: 300 },
  );
});

it.each([55, 56, 63, 64, 65, 119, 120, 128])('pads %i bytes to whole blocks', (length) => {
  const bytes = Uint8Array.from({ length }, (_, index) => index * 37);
  expect(sha256([bytes])).toBe(reference([bytes]));
});
