import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readProfileEvents } from './read-profile-events.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'profile-events-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const node = (name: string, op: string, dur: number) =>
  `{"cat" : "Node","dur" :${dur},"name" :"${name}_kernel_time","args" : {"op_name" : "${op}"}}`;
const session = (name: string, dur: number) => `{"cat" : "Session","dur" :${dur},"name" :"${name}","args" : {}}`;

async function read(...events: string[]) {
  const path = join(folder, 'events.json');
  await writeFile(path, `[\n${events.join(',\n')}`);
  return readProfileEvents(path, (name) => `line of ${name}`);
}

describe('readProfileEvents', () => {
  it('gathers the nodes of every run by operator and by line', async () => {
    const runs = await read(
      session('session_initialization', 999),
      node('a', 'Add', 5),
      node('b', 'Mul', 7),
      node('b', 'Mul', 2),
      session('SequentialExecutor::Execute', 15),
      session('model_run', 16),
      node('a', 'Add', 6),
      `${session('model_run', 17)}\n]`,
    );
    expect(runs.map(({ microseconds }) => microseconds)).toEqual([16, 17]);
    expect([...runs[0]!.operators]).toEqual([
      ['Add', { nodes: 1, microseconds: 5 }],
      ['Mul', { nodes: 2, microseconds: 9 }],
    ]);
    expect([...runs[0]!.lines.keys()]).toEqual(['line of a', 'line of b']);
    expect([...runs[1]!.operators]).toEqual([['Add', { nodes: 1, microseconds: 6 }]]);
  });

  it('leaves out a run that did not end, and half a line', async () => {
    expect(await read(session('model_run', 3), node('a', 'Add', 5), '{"cat" : "No')).toHaveLength(1);
  });
});
