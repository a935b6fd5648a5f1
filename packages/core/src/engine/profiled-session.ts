/**
 * A session that records how long each node of it takes, and which source line every node came from. The optimizer's
 * own account of the graph, written once and read at once, tells which values a fused node computes.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { addTime, type NodeTime, type RecordedRun } from './engine-profile.ts';
import type { OnnxGraph } from './onnx/graph.ts';
import type { RuntimeSession } from './onnx-runtime.ts';
import { readNodeOutputs } from './onnx/read-node-outputs.ts';
import { readProfileEvents } from './read-profile-events.ts';
import { unreturningSession } from './unreturned-results.ts';

/** A session and the recording of its runs. */
export interface ProfiledSession {
  readonly session: RuntimeSession;
  /** Ends the recording and resolves to the runs in it; the session goes on without. Later calls resolve to the same. */
  runs(): Promise<readonly RecordedRun[]>;
}

/** What nodes are attributed to that the runtime added, or that no line asked for. */
const noLine = '(no source line)';

/** Creates a session that records; files go to a temporary folder that is removed when the recording ends. */
export async function createProfiledSession(
  graph: OnnxGraph,
  encoded: Uint8Array,
  options: ort.InferenceSession.SessionOptions,
): Promise<ProfiledSession> {
  const folder = await mkdtemp(join(tmpdir(), 'transfuse-profile-'));
  const optimizedModelFilePath = join(folder, 'optimized.onnx');
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const recorded = await ort.InferenceSession.create(encoded, {
      ...options,
      graphOptimizationLevel: 'all',
      optimizedModelFilePath,
      enableProfiling: true,
      profileFilePrefix: join(folder, 'events'),
    });
    const session = unreturningSession(recorded);
    const lineOf = linesOf(graph, readNodeOutputs(await readFile(optimizedModelFilePath)));
    await rm(optimizedModelFilePath);
    const noted: Note[][] = [];
    let ended: Promise<readonly RecordedRun[]> | undefined;
    const end = async () => {
      recorded.endProfiling();
      const file = (await readdir(folder)).find((name) => name.startsWith('events'));
      const runs = file === undefined ? [] : await readProfileEvents(join(folder, file), lineOf);
      await remove();
      return runs.map((run, index) => withNotes(run, noted[index] ?? []));
    };
    const recording: RuntimeSession = {
      async run(feeds, fetches) {
        if (ended === undefined) noted.push([]);
        return session.run(feeds, fetches);
      },
      note(operator, line, microseconds) {
        if (ended === undefined) noted.at(-1)?.push({ operator, line: line ?? noLine, microseconds });
      },
      release: () => session.release(),
    };
    return { session: recording, runs: () => (ended ??= end()) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Work outside the graph. */
interface Note {
  readonly operator: string;
  readonly line: string;
  readonly microseconds: number;
}

function withNotes(run: RecordedRun, notes: readonly Note[]): RecordedRun {
  const [operators, lines] = [run.operators, run.lines].map((times) => new Map<string, NodeTime>(times));
  let { microseconds } = run;
  for (const note of notes) {
    microseconds += note.microseconds;
    addTime(operators!, note.operator, note.microseconds);
    addTime(lines!, note.line, note.microseconds);
  }
  return { microseconds, operators: operators!, lines: lines! };
}

/** The source line of a node by its name in the optimized graph. */
function linesOf(graph: OnnxGraph, outputsOf: ReadonlyMap<string, readonly string[]>): (node: string) => string {
  const sources = new Map(
    graph.nodes.flatMap(({ outputs, source }) => (source === undefined ? [] : outputs.map((value) => [value, source]))),
  );
  return (node) => {
    for (const value of outputsOf.get(node) ?? []) {
      const source = sources.get(value);
      if (source !== undefined) return source;
    }
    return noLine;
  };
}
