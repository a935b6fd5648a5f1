import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTensorBoardSink } from './tensorboard-events.ts';

/*
 * The files are read here by a parser of their own, written from the formats' descriptions: fields by number, with no
 * part of the writer in it. Checksums are tested beside the framing.
 */
type Fields = Map<number, (number | Buffer)[]>;

function recordsOf(file: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < file.length;) {
    const length = Number(file.readBigUInt64LE(at));
    expect(at + 16 + length).toBeLessThanOrEqual(file.length);
    records.push(file.subarray(at + 12, at + 12 + length));
    at += 16 + length;
  }
  return records;
}

function fieldsOf(message: Buffer): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(value);
    }
  };
  const bytes = (length: number) => message.subarray(at, (at += length));
  const readers: Readonly<Record<number, () => number | Buffer>> = {
    0: varint,
    1: () => bytes(8).readDoubleLE(),
    2: () => bytes(varint()),
    5: () => bytes(4).readFloatLE(),
  };
  while (at < message.length) {
    const key = varint();
    fields.set(key >>> 3, [...(fields.get(key >>> 3) ?? []), readers[key & 7]!()]);
  }
  return fields;
}

function eventOf(record: Buffer) {
  const event = fieldsOf(record);
  const [wallTime, step, version, summary, session] = [1, 2, 3, 5, 7].map((field) => event.get(field)?.[0]);
  const values = summary === undefined ? [] : (fieldsOf(summary as Buffer).get(1) ?? []);
  return {
    wallTime,
    step,
    version: version?.toString(),
    scalars: values.map((value) => {
      const fields = fieldsOf(value as Buffer);
      return [fields.get(1)![0]!.toString(), fields.get(2)![0]];
    }),
    sessionStatus: session === undefined ? undefined : fieldsOf(session as Buffer).get(1)?.[0],
  };
}

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'transfuse-events-')), 'run');
  vi.useFakeTimers({ now: 1_700_000_000_250, toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(join(folder, '..'), { recursive: true });
});
const name = 'events.out.tfevents.1700000000.transfuse';
const events = (file = name) => recordsOf(readFileSync(join(folder, file))).map(eventOf);
const blank = { wallTime: 1700000000.25, version: undefined, scalars: [], sessionStatus: undefined };

describe('the TensorBoard sink', () => {
  it('begins the file with its version', async () => {
    await createTensorBoardSink(folder).close();
    expect(readdirSync(folder)).toEqual([name]);
    expect(events()).toEqual([{ ...blank, step: 0, version: 'brain.Event:2' }]);
  });

  it('writes one event per step, with time, tags and values rounded to 32 bits', async () => {
    const sink = createTensorBoardSink(folder);
    sink.write(0, { 'loss/text': 7.6, größe: -1.5 });
    vi.setSystemTime(1_700_000_009_000);
    sink.write(2 ** 40 + 3, { bad: NaN, worse: Infinity });
    expect(events()).toHaveLength(3); // before close: nothing is held back
    await sink.close();
    expect(events().slice(1)).toEqual([
      {
        ...blank,
        step: 0,
        scalars: [
          ['loss/text', Math.fround(7.6)],
          ['größe', -1.5],
        ],
      },
      {
        ...blank,
        step: 2 ** 40 + 3,
        wallTime: 1700000009,
        scalars: [
          ['bad', NaN],
          ['worse', Infinity],
        ],
      },
    ]);
  });

  it('marks a restart at the resumed step before anything else, in a file of its own', async () => {
    const first = createTensorBoardSink(folder);
    first.write(7, { loss: 1 });
    await first.close();
    const before = readFileSync(join(folder, name));
    const second = createTensorBoardSink(folder, { resumeAtStep: 5 });
    second.write(5, { loss: 2 });
    await second.close();
    expect(readFileSync(join(folder, name))).toEqual(before);
    const file = 'events.out.tfevents.1700000001.transfuse'; // the same second was taken
    expect(events(file).slice(1)).toEqual([
      { ...blank, step: 5, sessionStatus: 1 },
      { ...blank, step: 5, scalars: [['loss', 2]] },
    ]);
  });

  it('refuses wrong steps, writing after close, and a folder that cannot be made', async () => {
    const sink = createTensorBoardSink(folder);
    expect(() => sink.write(1.5, {})).toThrow(expect.objectContaining({ code: 'config.invalid' }));
    await sink.close();
    await sink.close();
    expect(() => sink.write(1, {})).toThrow(expect.objectContaining({ code: 'file.unwritable' }));
    expect(() => createTensorBoardSink(folder, { resumeAtStep: NaN })).toThrow(/resumeAtStep: found NaN/);
    writeFileSync(join(folder, 'taken'), '');
    const wrong = { code: 'file.unwritable', place: join(folder, 'taken', 'run') };
    expect(() => createTensorBoardSink(wrong.place)).toThrow(expect.objectContaining(wrong));
  });
});
