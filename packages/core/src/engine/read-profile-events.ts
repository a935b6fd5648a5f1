/**
 * Reads the file in which ONNX Runtime records what it does (Chrome's trace event format, one event a line): an event
 * for every node that ran, with its name, operator and duration, and one for every whole run, after its nodes. Files of
 * long recordings are larger than a string can be, so it is read line by line.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { addTime, type NodeTime, type RecordedRun } from './engine-profile.ts';

interface ProfileEvent {
  readonly name: string;
  readonly cat: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

const kernelTime = '_kernel_time';

/** The runs of a recording, in order; `lineOf` says which source line a node of that name belongs to. */
export async function readProfileEvents(path: string, lineOf: (node: string) => string): Promise<RecordedRun[]> {
  const runs: RecordedRun[] = [];
  let operators = new Map<string, NodeTime>();
  let lines = new Map<string, NodeTime>();
  for await (const text of createInterface({ input: createReadStream(path) })) {
    const event = parseEvent(text);
    if (event?.cat === 'Node' && event.name.endsWith(kernelTime)) {
      addTime(operators, event.args?.op_name ?? 'unknown', event.dur);
      addTime(lines, lineOf(event.name.slice(0, -kernelTime.length)), event.dur);
    } else if (event?.cat === 'Session' && event.name === 'model_run') {
      runs.push({ microseconds: event.dur, operators, lines });
      operators = new Map();
      lines = new Map();
    }
  }
  return runs;
}

/** An event's line ends with a comma; the brackets around all of them, and half a line at the end, are no events. */
function parseEvent(text: string): ProfileEvent | undefined {
  try {
    const event: unknown = JSON.parse(text.replace(/,\s*$/, ''));
    return typeof event === 'object' && event !== null && 'dur' in event ? (event as ProfileEvent) : undefined;
  } catch {
    return undefined;
  }
}
