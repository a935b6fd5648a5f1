/**
 * Where the time of compiled functions goes: by operator of the runtime, and by line of the model that asked for it.
 * Times are medians over the runs of a function, so that warming up and other programs do not show.
 */

/** One operator, or one line. */
export interface ProfileRow {
  /** `FusedMatMul`, or `packages/core/src/model/linear.ts:6 from attention.ts:25`, or `gradient of` such a line. */
  readonly name: string;
  /** How many nodes of a run it has. */
  readonly nodes: number;
  /** Milliseconds in one run, the median over the runs. */
  readonly milliseconds: number;
  /** Of the time of all rows, 0 to 1. */
  readonly share: number;
}

/** One compiled function. */
export interface FunctionProfile {
  readonly name: string;
  /** How many runs were recorded. */
  readonly runs: number;
  /** Milliseconds of one run, the median: the nodes and the time between them. */
  readonly milliseconds: number;
  /** The slowest first. */
  readonly operators: readonly ProfileRow[];
  /** The slowest first. */
  readonly lines: readonly ProfileRow[];
}

/** What an engine recorded, the function with the most time in all first. */
export interface EngineProfile {
  readonly functions: readonly FunctionProfile[];
}

/** One recorded run: microseconds in all, and of nodes by what is asked for. */
export interface RecordedRun {
  readonly microseconds: number;
  readonly operators: ReadonlyMap<string, NodeTime>;
  readonly lines: ReadonlyMap<string, NodeTime>;
}

/** Nodes and their time in one run. */
export interface NodeTime {
  nodes: number;
  microseconds: number;
}

/** Counts one more node under a name. */
export function addTime(times: Map<string, NodeTime>, name: string, microseconds: number): void {
  const time = times.get(name);
  if (time === undefined) times.set(name, { nodes: 1, microseconds });
  else {
    time.nodes++;
    time.microseconds += microseconds;
  }
}

/** The profile of recorded runs, by function name; functions that never ran are left out. */
export function summarizeRuns(runs: ReadonlyMap<string, readonly RecordedRun[]>): EngineProfile {
  const functions = [...runs]
    .filter(([, recorded]) => recorded.length > 0)
    .map(([name, recorded]) => ({
      name,
      runs: recorded.length,
      milliseconds: median(recorded.map(({ microseconds }) => microseconds)) / 1000,
      operators: rowsOf(recorded.map(({ operators }) => operators)),
      lines: rowsOf(recorded.map(({ lines }) => lines)),
    }));
  return { functions: functions.toSorted((a, b) => b.runs * b.milliseconds - a.runs * a.milliseconds) };
}

function rowsOf(runs: readonly ReadonlyMap<string, NodeTime>[]): readonly ProfileRow[] {
  const names = [...new Set(runs.flatMap((run) => [...run.keys()]))];
  const rows = names.map((name) => ({
    name,
    nodes: median(runs.map((run) => run.get(name)?.nodes ?? 0)),
    microseconds: median(runs.map((run) => run.get(name)?.microseconds ?? 0)),
  }));
  const total = rows.reduce((sum, { microseconds }) => sum + microseconds, 0);
  return rows
    .map(({ name, nodes, microseconds }) => ({
      name,
      nodes,
      milliseconds: microseconds / 1000,
      share: total === 0 ? 0 : microseconds / total,
    }))
    .toSorted((a, b) => b.milliseconds - a.milliseconds);
}

/** The middle value, the upper one of two. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
