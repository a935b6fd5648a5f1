/**
 * Sums over rows of equal ids, by sorting: rows of one id then stand next to each other, so that in pieces of 128 sorted
 * rows at most 128 ids occur, and small products with one-hot matrices add up the rows of each. The cost does not grow with
 * the number of segments, apart from writing them.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { cast, concatenated, constant, filled, padded, product, sliced } from './building-blocks.ts';
import type { TraceBackend } from './trace-backend.ts';

/** C: rows of a piece. */
const pieceLength = 128;

/** @param rows `[N, D]` float32 @param ids `[N]` int32 below `segments` @returns `[segments, D]` */
export function sortedSegmentSum(trace: TraceBackend, rows: TensorInfo, ids: TensorInfo, segments: number): TensorInfo {
  const [count, width] = rows.shape as [number, number];
  const pieces = Math.ceil(count / pieceLength); // P
  const { sorted, order } = inOrder(trace, ids, pieces * pieceLength, segments);
  const sortedRows = trace.reshape(pickedRows(trace, rows, order), [pieces, pieceLength, width]);
  const ranks = rankedInPieces(trace, sorted, pieces);
  const sums = product(trace, oneHot(trace, ranks.local), sortedRows, { transposeA: true }); // [P, C, D]
  const flatSums = trace.reshape(sums, [pieces * pieceLength, width]);
  const firstSums = trace.reshape(sliced(trace, sums, [0, 0, 0], [pieces, 1, width]), [pieces, width]);
  const carried = carriedSums(trace, flatSums, ranks);
  const wholeSums = trace.op('Add', [firstSums, carried], carried);
  const table = concatenated(trace, [filled(trace, 0, [1, width], 'float32'), flatSums, wholeSums], 0);
  return pickedRows(trace, table, tableRows(trace, sorted, ranks, segments));
}

/** What each sorted row's id is among those that occur, counted from 0. */
interface Ranks {
  /** `[P, C]`, counted from the piece's first. */
  readonly local: TensorInfo;
  /** `[P, 1]`, of a piece's first and last row, counted through all pieces. */
  readonly first: TensorInfo;
  readonly last: TensorInfo;
  /** `[P, 1]` 0, 1, 2, … */
  readonly piece: TensorInfo;
}

/** Ids in ascending order, filled up with the one after the last, and the row that each comes from; any, where filled up. */
function inOrder(trace: TraceBackend, ids: TensorInfo, length: number, segments: number) {
  const [count] = ids.shape as [number];
  const rest = filled(trace, segments, [length - count], 'int32');
  const all = length === count ? ids : concatenated(trace, [ids, rest], 0);
  const [sorted, order] = trace.graph.node('TopK', [trace.nameOf(all), trace.graph.integers([length])], 2, {
    attributes: { axis: { int: 0 }, largest: { int: 0 }, sorted: { int: 1 } },
  });
  const rows = length === count ? order! : trace.graph.op('Min', [order!, trace.graph.integers([count - 1])]);
  // The order is int64 in the graph; all that reads it takes both.
  return { sorted: trace.info(sorted!, [length], 'int32'), order: trace.info(rows, [length], 'int32') };
}

function rankedInPieces(trace: TraceBackend, sorted: TensorInfo, pieces: number): Ranks {
  const [length] = sorted.shape as [number];
  const [before, after] = [sliced(trace, sorted, [0], [length - 1]), sliced(trace, sorted, [1], [length])];
  const isSame = trace.op('Equal', [before, after], { shape: after.shape, dtype: 'bool' });
  const isNext = cast(trace, trace.op('Not', [isSame], isSame), 'int32');
  const all = trace.op('CumSum', [padded(trace, isNext, [[1, 0]]), trace.graph.scalar(0, 'int32')], sorted);
  const ranks = trace.reshape(all, [pieces, pieceLength]);
  const first = sliced(trace, ranks, [0, 0], [pieces, 1]);
  const last = sliced(trace, ranks, [0, pieceLength - 1], [pieces, pieceLength]);
  const piece = constant(trace, counted(pieces), [pieces, 1], 'int32');
  return { local: trace.op('Sub', [ranks, first], ranks), first, last, piece };
}

/** Which rank within its piece each row has. @returns `[P, C, C]` */
function oneHot(trace: TraceBackend, local: TensorInfo): TensorInfo {
  const [pieces] = local.shape as [number];
  const every = constant(trace, counted(pieceLength), [1, 1, pieceLength], 'int32');
  const column = trace.reshape(local, [pieces, pieceLength, 1]);
  const shape = [pieces, pieceLength, pieceLength];
  return cast(trace, trace.op('Equal', [column, every], { shape, dtype: 'bool' }), 'float32');
}

/** What earlier pieces have of the first id of each: it is the last of theirs. @returns `[P, D]` */
function carriedSums(trace: TraceBackend, flatSums: TensorInfo, { first, last, piece }: Ranks): TensorInfo {
  const [pieces] = piece.shape as [number];
  const lastRow = trace.op('Add', [startOf(trace, piece), trace.op('Sub', [last, first], last)], last);
  const lastSums = pickedRows(trace, flatSums, trace.reshape(lastRow, [pieces]));
  const each = { shape: [pieces, pieces], dtype: 'bool' as const };
  const isSame = trace.op('Equal', [first, trace.reshape(last, [1, pieces])], each);
  const isEarlier = trace.op('Less', [trace.reshape(piece, [1, pieces]), piece], each);
  return product(trace, cast(trace, trace.op('And', [isSame, isEarlier], each), 'float32'), lastSums);
}

/**
 * Where each segment's sum is in a table of zeros, the sums in pieces, and whole sums of the pieces' first ids. Of an id in
 * several pieces that is the last of its places.
 * @returns `[segments]`
 */
function tableRows(trace: TraceBackend, sorted: TensorInfo, { local, piece }: Ranks, segments: number): TensorInfo {
  const [pieces] = piece.shape as [number];
  const number = (value: number) => trace.graph.scalar(value, 'int32');
  const inPiece = trace.op('Add', [trace.op('Add', [local, startOf(trace, piece)], local), number(1)], local);
  const whole = trace.op('Add', [piece, number(1 + pieces * pieceLength)], piece);
  const isFirst = trace.op('Equal', [local, number(0)], { shape: local.shape, dtype: 'bool' });
  const rows = trace.reshape(trace.op('Where', [isFirst, whole, inPiece], local), sorted.shape);
  const zeros = filled(trace, 0, [segments + 1], 'int32'); // one more for the rows that were filled up
  const last = trace.op('ScatterElements', [zeros, sorted, rows], zeros, {
    attributes: { axis: { int: 0 }, reduction: { string: 'max' } },
  });
  return sliced(trace, last, [0], [segments]);
}

/** The first row of each piece. */
function startOf(trace: TraceBackend, piece: TensorInfo): TensorInfo {
  return trace.op('Mul', [piece, trace.graph.scalar(pieceLength, 'int32')], piece);
}

/** @param x `[R, D]` @param rows `[M]` @returns `[M, D]` */
function pickedRows(trace: TraceBackend, x: TensorInfo, rows: TensorInfo): TensorInfo {
  const shape = [rows.shape[0]!, x.shape[1]!];
  return trace.op('Gather', [x, rows], { shape, dtype: x.dtype }, { attributes: { axis: { int: 0 } } });
}

function counted(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index);
}
