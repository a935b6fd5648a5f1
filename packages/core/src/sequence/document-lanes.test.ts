import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { laneLength, lanePlaces } from './document-lanes.ts';

/** Documents one after another, and padding. */
const batches = fc
  .record({
    lengths: fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 5 }),
    spareLanes: fc.integer({ min: 1, max: 2 }),
    padding: fc.nat(4),
  })
  .filter(({ lengths, padding }) => lengths.length + padding > 0)
  .map(({ lengths, spareLanes, padding }) => {
    const ids = lengths.flatMap((length, index) => Array<number>(length).fill(index + 1));
    return {
      documentIds: Int32Array.of(...ids, ...Array<number>(padding).fill(0)),
      lanes: { count: lengths.length + spareLanes - 1 || 1, length: 8 },
    };
  })
  .map((batch) => ({ ...batch, blockIds: batch.documentIds.map((id, index) => (id > 0 ? index % 3 : 0)) }));

describe('places of documents in their lanes', () => {
  it('hold each document in order, and lead back to its positions', () => {
    fc.assert(
      fc.property(batches, ({ documentIds, blockIds, lanes }) => {
        const { positionAt, placeOf, ...ids } = lanePlaces({ documentIds, blockIds }, lanes);
        const before = new Map<number, number>();
        documentIds.forEach((document, position) => {
          const place = placeOf[position]!;
          if (document === 0) return expect(place).toBe(lanes.count * lanes.length - 1);
          const offset = before.get(document) ?? 0;
          before.set(document, offset + 1);
          expect(place).toBe((document - 1) * lanes.length + offset);
          expect(positionAt[place]).toBe(position);
          expect([ids.documentIds[place], ids.blockIds[place]]).toEqual([document, blockIds[position]]);
        });
      }),
    );
  });

  it('are empty everywhere else, at least at the end of every lane, and stand for the last position', () => {
    fc.assert(
      fc.property(batches, ({ documentIds, blockIds, lanes }) => {
        const { positionAt, placeOf, ...ids } = lanePlaces({ documentIds, blockIds }, lanes);
        const taken = new Set([...placeOf].filter((_, position) => documentIds[position]! > 0));
        positionAt.forEach((position, place) => {
          if (place % lanes.length === lanes.length - 1) expect(taken.has(place)).toBe(false);
          if (taken.has(place)) return;
          expect(position).toBe(documentIds.length - 1);
          expect([ids.documentIds[place], ids.blockIds[place]]).toEqual([0, 0]);
        });
      }),
    );
  });
});

it('lanes are a multiple of eight places long, one of which their longest document leaves empty', () => {
  expect([1, 7, 8, 33, 39, 40].map(laneLength)).toEqual([8, 8, 16, 40, 40, 48]);
});
