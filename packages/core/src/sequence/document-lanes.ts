/**
 * Documents apart for attention. Rows are long and documents often short, so most pairs of positions in a row may not see
 * each other anyway. Where every document has a lane of its own, only pairs within a document are computed, and rows need
 * no borders: documents follow one another through all of them.
 */

/** Room for documents apart. */
export interface DocumentLanes {
  /** N: how many documents fit. */
  readonly count: number;
  /** L: places of a lane. A document leaves at least one of them empty. */
  readonly length: number;
}

/** Which position stands where, and back. */
export interface LanePlaces {
  /** `[N, L]` the position, of B * T, at each place; the last of all positions where the place is empty. */
  readonly positionAt: Int32Array;
  /** `[B * T]` the place, of N * L, of each position; the last of all places, which is empty, for padding. */
  readonly placeOf: Int32Array;
  /** `[N, L]` document number from 1; 0 where empty. */
  readonly documentIds: Int32Array;
  /** `[N, L]` block number from 1; 0 outside blocks. */
  readonly blockIds: Int32Array;
}

const granularity = 8;

/** The length of lanes for documents of at most so many positions. */
export const laneLength = (longest: number) => Math.ceil((longest + 1) / granularity) * granularity;

/**
 * Gives every document of a batch its lane, in the order of their numbers.
 *
 * @param packed `documentIds` and `blockIds`, `[B, T]`
 * @example
 * ```ts
 * import { lanePlaces } from '@transfuse/core/model';
 * const packed = { documentIds: Int32Array.of(1, 1, 2, 0), blockIds: new Int32Array(4) };
 * const { positionAt, placeOf } = lanePlaces(packed, { count: 2, length: 3 });
 * console.assert(positionAt.join() === '0,1,3,2,3,3' && placeOf.join() === '0,1,3,5');
 * ```
 */
export function lanePlaces(
  packed: { readonly documentIds: Int32Array; readonly blockIds: Int32Array },
  { count, length }: DocumentLanes,
): LanePlaces {
  const positions = packed.documentIds.length;
  const places = {
    positionAt: new Int32Array(count * length).fill(positions - 1),
    placeOf: new Int32Array(positions).fill(count * length - 1),
    documentIds: new Int32Array(count * length),
    blockIds: new Int32Array(count * length),
  };
  const taken = new Int32Array(count);
  for (let position = 0; position < positions; position++) {
    const document = packed.documentIds[position]!;
    if (document === 0) continue;
    const place = (document - 1) * length + taken[document - 1]!++;
    places.positionAt[place] = position;
    places.placeOf[position] = place;
    places.documentIds[place] = document;
    places.blockIds[place] = packed.blockIds[position]!;
  }
  return places;
}
