/**
 * Which keys queries can see at all. With causal attention a query sees nothing beyond its own position but its own
 * block, so the first queries of a row need only the first keys: runs of queries, each with as many keys as its last
 * query may see, leave out nearly half of all scores.
 */
import { cast, greater, slice, type Tensor } from '@tensorflow/tfjs-core';
import type { QueryRun } from '../engine/primitives/attend.ts';

/** Shorter runs save little and cost a pass over keys and values each; more of them save little more. */
const shortestRun = 128;
const mostRuns = 8;

/** Where a run begins and ends, and how many keys it needs. */
type RunBounds = Omit<QueryRun, 'mask' | 'visible'>;

/** @param lookahead how many positions after its own a query may see at most */
function runBounds(length: number, lookahead: number): readonly RunBounds[] {
  const most = Math.max(1, Math.min(mostRuns, Math.floor(length / shortestRun)));
  const runs: RunBounds[] = [];
  let begin = 0;
  for (let run = 1; run <= most; run++) {
    const end = Math.round((run * length) / most);
    const keys = Math.min(length, end + lookahead);
    if (keys === length) {
      // What is left sees everything: one run of it.
      runs.push({ begin, end: length, keys });
      break;
    }
    runs.push({ begin, end, keys });
    begin = end;
  }
  return runs;
}

/**
 * @param mask `[B or 1, 1, T, T]`
 * @param lookahead how many positions after its own a query may see at most
 */
export function queryRuns(mask: Tensor, lookahead: number): readonly QueryRun[] {
  const [batch, , length] = mask.shape as [number, number, number];
  const visible = cast(greater(mask, -1), 'float32');
  return runBounds(length, lookahead).map((bounds) => {
    const { begin, end, keys } = bounds;
    const part = (of: Tensor) =>
      begin === 0 && end === length ? of : slice(of, [0, 0, begin, 0], [batch, 1, end - begin, keys]);
    return { ...bounds, mask: part(mask), visible: part(visible) };
  });
}

/** How many scores attention over a sequence of this length computes, per head. */
export function scoreCount(length: number, lookahead: number): number {
  return runBounds(length, lookahead).reduce((sum, { begin, end, keys }) => sum + (end - begin) * keys, 0);
}
