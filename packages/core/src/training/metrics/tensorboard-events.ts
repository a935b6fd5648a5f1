/**
 * Writes a training run's numbers as a TensorBoard event file: TFRecords of Event messages (tensorboard's
 * event.proto and summary.proto). Only the few fields that scalars need are written, so the messages are spelled out
 * here with protobufjs's wire writer; each one says which field it is. Nothing is read.
 */

import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs/minimal.js';
import { orUnwritable } from '../unwritable.ts';
import { checkStep, closeDescriptor, closedSink, type MetricsSink, type MetricsSinkOptions } from './metrics-writer.ts';
import { tfRecord } from './tf-record.ts';

/**
 * Creates a sink that writes a new file `events.out.tfevents.<seconds>.transfuse` into a folder, which is made where it
 * does not exist. Scalars are stored in 32 bits. On a resume the file tells TensorBoard to hide what earlier files of
 * the folder hold of the resumed step and later ones.
 *
 * @throws `file.unwritable` where the file cannot be written, or was closed
 * @throws `config.invalid` for a step that is not a whole number
 * @example
 * ```ts
 * import { createTensorBoardSink } from '@transfuse/core/training';
 * const sink = createTensorBoardSink('runs/first');
 * sink.write(0, { 'loss/text': 7.6, 'loss/image': 1.02 });
 * await sink.close(); // then: tensorboard --logdir runs
 * ```
 */
export function createTensorBoardSink(folder: string, options: MetricsSinkOptions = {}): MetricsSink {
  const { resumeAtStep } = options;
  if (resumeAtStep !== undefined) checkStep(resumeAtStep, `${folder}, resumeAtStep`);
  const { file, opened } = orUnwritable(folder, () => openNewFile(folder));
  let descriptor: number | undefined = opened;
  const append = (open: number, event: Uint8Array) => orUnwritable(file, () => writeFileSync(open, tfRecord(event)));

  append(opened, versionEvent());
  if (resumeAtStep !== undefined) append(opened, restartEvent(resumeAtStep));
  return {
    write(step, scalars) {
      if (descriptor === undefined) throw closedSink(file);
      checkStep(step, `${file}, step`);
      append(descriptor, scalarsEvent(step, scalars));
    },
    close: async () => {
      descriptor = closeDescriptor(descriptor, file);
    },
  };
}

/** Opens a file that did not exist; where one of this second does, the name takes the next free second. */
function openNewFile(folder: string): { file: string; opened: number } {
  mkdirSync(folder, { recursive: true });
  for (let seconds = Math.floor(Date.now() / 1000); ; seconds++) {
    const file = join(folder, `events.out.tfevents.${seconds}.transfuse`);
    try {
      return { file, opened: openSync(file, 'ax') };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

type Writer = protobuf.Writer;
/** A field's key on the wire is its number times 8 plus its wire type. */
const key = (field: number, type: 'varint' | 'double' | 'bytes' | 'float') =>
  field * 8 + { varint: 0, double: 1, bytes: 2, float: 5 }[type];

/** The fields that every Event has: wall_time = 1 (double, seconds) and step = 2 (int64). */
function startEvent(step: number): Writer {
  const wallTime = Date.now() / 1000;
  return protobuf.Writer.create().uint32(key(1, 'double')).double(wallTime).uint32(key(2, 'varint')).int64(step);
}

/** Event.file_version = 3: the first record of every file. */
function versionEvent(): Uint8Array {
  return startEvent(0).uint32(key(3, 'bytes')).string('brain.Event:2').finish();
}

/** Event.session_log = 7 with SessionLog.status = 1 (START = 1): a restart, which hides orphans from its step on. */
function restartEvent(step: number): Uint8Array {
  const event = startEvent(step).uint32(key(7, 'bytes')).fork();
  return event.uint32(key(1, 'varint')).int32(1).ldelim().finish();
}

/** Event.summary = 5 with one Summary.value = 1 per scalar: Value.tag = 1 and Value.simple_value = 2 (float). */
function scalarsEvent(step: number, scalars: Readonly<Record<string, number>>): Uint8Array {
  const event = startEvent(step).uint32(key(5, 'bytes')).fork();
  for (const [tag, value] of Object.entries(scalars)) {
    event.uint32(key(1, 'bytes')).fork();
    event.uint32(key(1, 'bytes')).string(tag).uint32(key(2, 'float')).float(value);
    event.ldelim();
  }
  return event.ldelim().finish();
}
