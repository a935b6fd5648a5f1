/**
 * How attention lays out a sequence: heads in front of positions, and the positions of whole rows, or of documents apart
 * (see `sequence/document-lanes.ts`). Taking a sequence apart by documents is one pass over memory, as by heads alone.
 */
import { add, floorDiv, mul, range, reshape, scalar, sub, type Tensor, transpose } from '@tensorflow/tfjs-core';
import { pickRows } from '../engine/primitives/gather-rows.ts';

/** The way of a sequence into attention and out of it. */
export interface HeadLayout {
  /** `[B, T, H, hd]` to `[G, H, L, hd]`: G groups of L positions that attend to each other. */
  apart(x: Tensor): Tensor;
  /** `[G, H, L, hd]` to `[B, T, H * hd]` */
  together(x: Tensor): Tensor;
}

/** Which position stands at which place of the documents' lanes, and back. */
export interface LaneTensors {
  /** `[N, L]` int32: the position, of B * T, at each place. */
  readonly positionAt: Tensor;
  /** `[B * T]` int32: the place, of N * L, of each position. */
  readonly placeOf: Tensor;
}

/** Whole rows: groups are rows, of T positions. */
export const rowLayout: HeadLayout = {
  apart: (x) => transpose(x, [0, 2, 1, 3]),
  together(x) {
    const [batch, heads, length, size] = x.shape as [number, number, number, number];
    return reshape(transpose(x, [0, 2, 1, 3]), [batch, length, heads * size]);
  },
};

/** Documents apart: groups are N lanes of L places. @param rows B, how many rows the sequence has */
export function laneLayout({ positionAt, placeOf }: LaneTensors, rows: number): HeadLayout {
  const [lanes, length] = positionAt.shape as [number, number];
  const positions = placeOf.shape[0]!;
  const known = new Map<number, { readonly into: Tensor; readonly back: Tensor }>();
  /** Both directions for single heads: rows of hd numbers at `[B * T, H]` and at `[N, H, L]`. */
  const ofHeads = (heads: number) => {
    const number = (value: number) => scalar(value, 'int32');
    const head = range(0, heads, 1, 'int32');
    const into = add(mul(reshape(positionAt, [lanes, 1, length]), number(heads)), reshape(head, [1, heads, 1]));
    const lane = mul(floorDiv(placeOf, number(length)), number(length)); // its first place
    const first = add(mul(lane, number(heads)), sub(placeOf, lane));
    const back = add(reshape(first, [positions, 1]), reshape(mul(head, number(length)), [1, heads]));
    return { into: reshape(into, [-1]), back: reshape(back, [-1]) };
  };
  const indices = (heads: number) => {
    const of = known.get(heads) ?? ofHeads(heads);
    known.set(heads, of);
    return of;
  };
  return {
    apart(x) {
      const [heads, size] = x.shape.slice(2) as [number, number];
      const { into, back } = indices(heads);
      return reshape(pickRows(reshape(x, [positions * heads, size]), into, back), [lanes, heads, length, size]);
    },
    together(x) {
      const [, heads, , size] = x.shape as [number, number, number, number];
      const { into, back } = indices(heads);
      const rowsOfHeads = pickRows(reshape(x, [lanes * heads * length, size]), back, into);
      return reshape(rowsOfHeads, [rows, positions / rows, heads * size]);
    },
  };
}
