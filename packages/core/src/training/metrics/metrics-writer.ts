/**
 * Where a training run writes its numbers: a sink takes scalars by name at a step. This file holds the contract and
 * the plainest sink, a text file with one JSON object per line, which any plotting tool reads. Every line is handed to
 * the operating system before `write` returns, so a crash of the process loses nothing.
 */

import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { TransfuseError } from '../../errors/index.ts';
import { orUnwritable } from '../unwritable.ts';

/** Takes the numbers of a training run. */
export interface MetricsSink {
  /** Writes the scalars of one step: a whole number from 0 on. @throws `file.unwritable`, `config.invalid` */
  write(step: number, scalars: Readonly<Record<string, number>>): void;
  /** Flushes and ends the sink; nothing can be written afterwards. Closing twice is fine. */
  close(): Promise<void>;
}

/** How a sink takes up an earlier run. */
export interface MetricsSinkOptions {
  /** The first step of the resumed run: what an earlier run wrote of this step or later ones no longer counts. */
  readonly resumeAtStep?: number;
}

/**
 * Creates a sink that appends lines `{"step": 3, "time": 1700000000.5, "loss": 2.5}` to a file; `time` is in seconds
 * since 1970, NaN and infinities become `null`. The file and its folder are made where they do not exist. On a resume,
 * lines of the resumed step and later ones are dropped first, and so is a line that a crash cut off.
 *
 * @throws `file.unwritable` where the file cannot be written, or was closed
 * @throws `config.invalid` for a step that is not a whole number, or a scalar called `step` or `time`
 * @example
 * ```ts
 * import { createJsonLinesSink } from '@transfuse/core/training';
 * const sink = createJsonLinesSink('runs/first/metrics.jsonl');
 * sink.write(0, { loss: 7.6, 'learning rate': 3e-4 });
 * await sink.close();
 * ```
 */
export function createJsonLinesSink(file: string, options: MetricsSinkOptions = {}): MetricsSink {
  const { resumeAtStep } = options;
  if (resumeAtStep !== undefined) checkStep(resumeAtStep, `${file}, resumeAtStep`);
  let descriptor: number | undefined = orUnwritable(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    if (resumeAtStep !== undefined) keepLinesBefore(file, resumeAtStep);
    const opened = openSync(file, 'a+');
    if (endsWithinLine(opened)) writeFileSync(opened, '\n'); // a crash cut the last line off: keep ours apart
    return opened;
  });
  return {
    write(step, scalars) {
      const open = descriptor;
      if (open === undefined) throw closedSink(file);
      checkStep(step, `${file}, step`);
      for (const name of ['step', 'time']) if (Object.hasOwn(scalars, name)) throw reservedName(file, name);
      const line = `${JSON.stringify({ step, time: Date.now() / 1000, ...scalars })}\n`;
      orUnwritable(file, () => writeFileSync(open, line));
    },
    close: async () => {
      descriptor = closeDescriptor(descriptor, file);
    },
  };
}

/** Refuses steps that are not whole numbers from 0 on. */
export function checkStep(step: number, place: string): void {
  if (Number.isSafeInteger(step) && step >= 0) return;
  throw new TransfuseError({
    code: 'config.invalid',
    place,
    found: String(step),
    expected: 'a whole number from 0 on',
    mend: 'Count optimizer steps: 0, 1, 2 and so on.',
  });
}

/** The error for writing to a sink that was closed. */
export function closedSink(file: string): TransfuseError {
  return new TransfuseError({
    code: 'file.unwritable',
    place: file,
    found: 'a metrics sink that was closed',
    expected: 'an open one',
    mend: 'Write before close(), or create another sink.',
  });
}

/** Flushes a file to the disk and closes it, where it is open. */
export function closeDescriptor(descriptor: number | undefined, file: string): undefined {
  if (descriptor === undefined) return;
  orUnwritable(file, () => {
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  });
}

function endsWithinLine(descriptor: number): boolean {
  const { size } = fstatSync(descriptor);
  const last = new Uint8Array(1);
  return size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
}

/** Rewrites the file, by way of a temporary one, with the whole lines of earlier steps. */
function keepLinesBefore(file: string, step: number): void {
  if (!existsSync(file)) return;
  const lines = readFileSync(file, 'utf8').split('\n');
  const kept = lines.filter((line) => stepOf(line) < step);
  writeFileSync(`${file}.resuming`, kept.map((line) => `${line}\n`).join(''), { flush: true });
  renameSync(`${file}.resuming`, file);
}

/** The step that a line tells of; NaN, which is before nothing, where it is no line of ours. */
function stepOf(line: string): number {
  try {
    const value = JSON.parse(line) as { readonly step?: unknown } | null;
    return typeof value?.step === 'number' ? value.step : Number.NaN;
  } catch {
    return Number.NaN;
  }
}

function reservedName(file: string, name: string): TransfuseError {
  return new TransfuseError({
    code: 'config.invalid',
    place: `${file}, scalars`,
    found: `a scalar called ${name}`,
    expected: 'another name: each line has a field of this name already',
    mend: `Rename the scalar, for example to "${name} of the optimizer".`,
  });
}
