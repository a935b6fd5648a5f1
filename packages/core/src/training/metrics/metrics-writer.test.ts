import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createJsonLinesSink } from './metrics-writer.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'transfuse-metrics-'));
  file = join(folder, 'runs', 'metrics.jsonl');
  vi.useFakeTimers({ now: 1_700_000_000_500, toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

const lines = () => readFileSync(file, 'utf8').split('\n');
const steps = () =>
  lines()
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { step: number }).step);
async function writeSteps(count: number): Promise<void> {
  const sink = createJsonLinesSink(file);
  for (let step = 0; step < count; step++) sink.write(step, { loss: 1 / (step + 1) });
  await sink.close();
}

describe('the JSON lines sink', () => {
  it('writes one object per line with step, time in seconds and the scalars in their order', async () => {
    const sink = createJsonLinesSink(file);
    sink.write(3, { loss: 2.5, 'learning rate': 3e-4 });
    expect(lines()).toEqual(['{"step":3,"time":1700000000.5,"loss":2.5,"learning rate":0.0003}', '']);
    sink.write(4, {});
    await sink.close();
    expect(lines().slice(1)).toEqual(['{"step":4,"time":1700000000.5}', '']);
  });

  it('writes null where JSON has no number', async () => {
    const sink = createJsonLinesSink(file);
    sink.write(0, { a: NaN, b: -Infinity });
    await sink.close();
    expect(JSON.parse(lines()[0]!)).toEqual({ step: 0, time: 1700000000.5, a: null, b: null });
  });

  it('appends to what is there', async () => {
    await writeSteps(2);
    await writeSteps(1);
    expect(steps()).toEqual([0, 1, 0]);
  });

  it('starts a new line after one that a crash cut off', async () => {
    await writeSteps(1);
    appendFileSync(file, '{"step":1,"ti');
    await writeSteps(1);
    expect(lines()[1]).toBe('{"step":1,"ti');
    expect(JSON.parse(lines()[2]!)).toMatchObject({ step: 0, loss: 1 });
  });

  it('drops the resumed step, later ones and a cut-off line on a resume, and nothing else', async () => {
    await writeSteps(5);
    const before = lines().slice(0, 3);
    appendFileSync(file, '{"step":1,"ti');
    const sink = createJsonLinesSink(file, { resumeAtStep: 3 });
    expect(lines()).toEqual([...before, '']);
    sink.write(3, { loss: 9 });
    await sink.close();
    expect(steps()).toEqual([0, 1, 2, 3]);
    expect(readdirSync(join(folder, 'runs'))).toEqual(['metrics.jsonl']);
  });

  it('starts an empty file where there is nothing to resume, and empties it for a resume at step 0', async () => {
    await createJsonLinesSink(file, { resumeAtStep: 10 }).close();
    expect(lines()).toEqual(['']);
    await writeSteps(2);
    await createJsonLinesSink(file, { resumeAtStep: 0 }).close();
    expect(lines()).toEqual(['']);
  });

  it('closes twice, and refuses to write afterwards', async () => {
    const sink = createJsonLinesSink(file);
    await sink.close();
    await sink.close();
    expect(() => sink.write(0, {})).toThrow(expect.objectContaining({ code: 'file.unwritable', place: file }));
  });

  it('refuses steps that are not whole numbers and names it needs itself, and writes nothing of them', async () => {
    const sink = createJsonLinesSink(file);
    for (const step of [-1, 0.5, NaN]) {
      expect(() => sink.write(step, {})).toThrow(expect.objectContaining({ code: 'config.invalid' }));
    }
    for (const name of ['step', 'time']) {
      expect(() => sink.write(0, { [name]: 1 })).toThrow(expect.objectContaining({ code: 'config.invalid' }));
    }
    await sink.close();
    expect(lines()).toEqual(['']);
    expect(() => createJsonLinesSink(file, { resumeAtStep: -1 })).toThrow(/resumeAtStep: found -1/);
  });

  it('says in one sentence that a file cannot be written', () => {
    writeFileSync(join(folder, 'taken'), '');
    const wrong = join(folder, 'taken', 'metrics.jsonl');
    const expected = { name: 'TransfuseError', code: 'file.unwritable', place: wrong };
    expect(() => createJsonLinesSink(wrong)).toThrow(expect.objectContaining(expected));
  });
});
