/**
 * Sums over rows of equal ids, by sorting: rows of one id then stand next to each other, so that in pieces of 128 sorted
 * rows at most 128 ids occur, and small products with one-hot matrices add up the rows of each. An id that runs over from
 * earlier pieces is the first of its piece; what those have of it, as their last, is added there, and of its several places
 * the last counts. The cost does not grow with the number of segments, apart from writing them.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { cast, concatenated, constant, filled, padded, product, sliced } from './building-blocks.ts';
import type { TraceBackend } from './trace-backend.ts';

/** C: rows of a piece. */
const pieceLength = 128;

/**
 * @param rows `[N, D]` float32
 * @param ids `[N]` int32; rows of ids below 0, or from `segments` on, are left out
 * @returns `[segments, D]`
 */
export function sortedSegmentSum(trace: TraceBackend, rows: TensorInfo, ids: TensorInfo, segments: number): TensorInfo {
  const [count, width] = rows.shape as [number, number];
  const pieces = Math.ceil(count / pieceLength); // P
  const { sorted, order } = inOrder(trace, ids, pieces * pieceLength, segments);
  const sortedRows = pickedRows(trace, rows, order, pieces * pieceLength);
  const ranks = rankedInPieces(trace, sorted, pieces);
  const byPiece = trace.reshape(sortedRows, [pieces, pieceLength, width]);
  const sums = product(trace, oneHot(trace, ranks.local), byPiece); // [P, C, D]
  const flatSums = trace.reshape(sums, [pieces * pieceLength, width]);
  const ofFirstIds = trace.reshape(sliced(trace, sums, [0, 0, 0], [pieces, 1, width]), [pieces, width]);
  const completed = trace.op('Add', [ofFirstIds, carriedSums(trace, flatSums, ranks)], ofFirstIds);
  const table = concatenated(trace, [filled(trace, 0, [1, width], 'float32'), flatSums, completed], 0);
  return pickedRows(trace, table, tableRows(trace, sorted, ranks.local, segments), segments);
}

/** What each sorted row's id is among those that occur, counted from 0. */
interface Ranks {
  /** `[P, C]`, counted from the piece's first. */
  readonly local: TensorInfo;
  /** `[P, 1]`, of a piece's first and last row, counted through all pieces. */
  readonly first: TensorInfo;
  readonly last: TensorInfo;
}

/**
 * Ids in ascending order, `segments` in place of those out of range and to fill up; and the name of where each comes from,
 * any row where filled up.
 */
function inOrder(trace: TraceBackend, ids: TensorInfo, length: number, segments: number) {
  const [count] = ids.shape as [number];
  const none = trace.graph.scalar(segments, 'int32');
  const known = trace.op('Where', [withinRange(trace, ids, segments), ids, none], ids);
  const rest = filled(trace, segments, [length - count], 'int32');
  const all = length === count ? known : concatenated(trace, [known, rest], 0);
  const [sorted, order] = trace.graph.node('TopK', [trace.nameOf(all), trace.graph.integers([length])], 2, {
    attributes: { axis: { int: 0 }, largest: { int: 0 }, sorted: { int: 1 } },
  });
  const rows = length === count ? order! : trace.graph.op('Min', [order!, trace.graph.integers([count - 1])]);
  return { sorted: trace.info(sorted!, [length], 'int32'), order: rows };
}

/** Which ids are of a segment. */
export function withinRange(trace: TraceBackend, ids: TensorInfo, segments: number): TensorInfo {
  const truth = { shape: ids.shape, dtype: 'bool' as const };
  const isLeast = trace.op('GreaterOrEqual', [ids, trace.graph.scalar(0, 'int32')], truth);
  return trace.op('And', [isLeast, trace.op('Less', [ids, trace.graph.scalar(segments, 'int32')], truth)], truth);
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
  return { local: trace.op('Sub', [ranks, first], ranks), first, last };
}

/** Which rows of a piece have each rank within it. @returns `[P, C, C]` */
function oneHot(trace: TraceBackend, local: TensorInfo): TensorInfo {
  const [pieces] = local.shape as [number];
  const every = counted(trace, [1, pieceLength, 1]);
  const shape = [pieces, pieceLength, pieceLength];
  const isSame = trace.op('Equal', [every, trace.reshape(local, [pieces, 1, pieceLength])], { shape, dtype: 'bool' });
  return cast(trace, isSame, 'float32');
}

/** What earlier pieces have of the first id of each: it is the last of theirs. @returns `[P, D]` */
function carriedSums(trace: TraceBackend, flatSums: TensorInfo, { first, last }: Ranks): TensorInfo {
  const [pieces] = first.shape as [number];
  const piece = counted(trace, [pieces, 1]);
  const lastRow = trace.op('Add', [startOf(trace, piece), trace.op('Sub', [last, first], last)], last);
  const lastSums = pickedRows(trace, flatSums, trace.reshape(lastRow, [pieces]), pieces);
  const each = { shape: [pieces, pieces], dtype: 'bool' as const };
  const isSame = trace.op('Equal', [first, trace.reshape(last, [1, pieces])], each);
  const isEarlier = trace.op('Less', [trace.reshape(piece, [1, pieces]), piece], each);
  return product(trace, cast(trace, trace.op('And', [isSame, isEarlier], each), 'float32'), lastSums);
}

/**
 * Where each segment's sum is in a table of zeros, the sums in pieces, and completed sums of the pieces' first ids.
 * @returns `[segments]`
 */
function tableRows(trace: TraceBackend, sorted: TensorInfo, local: TensorInfo, segments: number): TensorInfo {
  const [pieces] = local.shape as [number];
  const piece = counted(trace, [pieces, 1]);
  const number = (value: number) => trace.graph.scalar(value, 'int32');
  const inPiece = trace.op('Add', [trace.op('Add', [local, startOf(trace, piece)], local), number(1)], local);
  const completed = trace.op('Add', [piece, number(1 + pieces * pieceLength)], piece);
  const isFirst = trace.op('Equal', [local, number(0)], { shape: local.shape, dtype: 'bool' });
  const rows = trace.reshape(trace.op('Where', [isFirst, completed, inPiece], local), sorted.shape);
  const zeros = filled(trace, 0, [segments + 1], 'int32'); // one more for rows that are none
  const last = trace.op('ScatterElements', [zeros, sorted, rows], zeros, {
    attributes: { axis: { int: 0 }, reduction: { string: 'max' } },
  });
  return sliced(trace, last, [0], [segments]);
}

/** The first row of each piece. */
function startOf(trace: TraceBackend, piece: TensorInfo): TensorInfo {
  return trace.op('Mul', [piece, trace.graph.scalar(pieceLength, 'int32')], piece);
}

/** @param x `[R, D]` @param rows `[count]` @returns `[count, D]` */
function pickedRows(trace: TraceBackend, x: TensorInfo, rows: TensorInfo | string, count: number): TensorInfo {
  const result = { shape: [count, x.shape[1]!], dtype: x.dtype };
  return trace.op('Gather', [x, rows], result, { attributes: { axis: { int: 0 } } });
}

/** 0, 1, 2, … */
function counted(trace: TraceBackend, shape: readonly number[]): TensorInfo {
  const length = Math.max(...shape);
  return constant(
    trace,
    Array.from({ length }, (_, index) => index),
    shape,
    'int32',
  );
}
