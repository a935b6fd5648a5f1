import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lines, negatedRoot, sineStep, slope } from '../../../../test/support/engine-source-lines.ts';
import { type CompiledEngine, createCompiledEngine } from './compiled-engine.ts';

const inputs = { x: { shape: [3], dtype: 'float32' } } as const;
const x = Float32Array.of(1, 4, 9);
const file = 'test/support/engine-source-lines.ts';

/** Folders with recordings that are still going on. */
const recordings = () => readdirSync(tmpdir()).filter((name) => name.startsWith('transfuse-profile-'));

describe('the compiled engine’s profile', () => {
  let engine: CompiledEngine;
  let before: readonly string[];
  beforeEach(() => {
    before = recordings();
    engine = createCompiledEngine({ threads: 1, profile: 'operators' });
  });
  afterEach(() => engine.dispose());

  const profileOf = async (name: string) => (await engine.profile()).functions.find((found) => found.name === name);

  it('tells operators and source lines of every function that ran', async () => {
    const run = await engine.compile(negatedRoot, { name: 'root', inputs });
    for (let count = 0; count < 3; count++)
      expect((await run.run({ x }))['y']!.data).toEqual(Float32Array.of(-1, -2, -3));
    const profile = await profileOf('root');
    expect(profile).toMatchObject({ name: 'root', runs: 3 });
    expect(profile!.operators.map(({ name, nodes }) => `${nodes} ${name}`).toSorted()).toEqual(['1 Neg', '1 Sqrt']);
    expect(profile!.lines.map(({ name }) => name).toSorted()).toEqual(
      [`${file}:${lines.root}`, `${file}:${lines.negation}`].toSorted(),
    );
    expect(profile!.milliseconds).toBeGreaterThan(0);
  });

  it('tells updates of stores that are computed apart from the graph, with their line', async () => {
    const store = engine.createStore({ x: { data: x, shape: [3], dtype: 'float32' } });
    const run = await engine.compile(sineStep, { name: 'step', inputs, stores: { store } });
    for (let count = 0; count < 3; count++) await run.run({ x });
    const profile = await profileOf('step');
    expect(profile!.operators.map(({ name, nodes }) => `${nodes} ${name}`).toSorted()).toEqual([
      '1 ElementUpdate',
      '1 Sin',
    ]);
    expect(profile!.lines.map(({ name }) => name)).toContain(`${file}:${lines.update}`);
  });

  it('attributes gradients to the lines they are gradients of', async () => {
    const run = await engine.compile(slope, { name: 'slope', inputs });
    await run.run({ x });
    const names = (await profileOf('slope'))!.lines.map(({ name }) => name);
    expect(names).toContain(`gradient of ${file}:${lines.exponential}`);
    expect(names).toContain(`gradient of ${file}:${lines.sine}`);
    expect(names).toContain(`${file}:${lines.sine}`);
  });

  it('keeps the recording of a function that was disposed of', async () => {
    const run = await engine.compile(negatedRoot, { name: 'root', inputs });
    await run.run({ x });
    await run.dispose();
    expect((await profileOf('root'))!.runs).toBe(1);
  });

  it('adds up functions of one name, which are the same compiled again', async () => {
    for (let count = 0; count < 2; count++) {
      const run = await engine.compile(negatedRoot, { name: 'root', inputs });
      await run.run({ x });
    }
    expect((await profileOf('root'))!.runs).toBe(2);
  });

  it('ends with the report: later runs are as right as before, and not in it', async () => {
    const run = await engine.compile(negatedRoot, { name: 'root', inputs });
    await run.run({ x });
    await engine.profile();
    expect((await run.run({ x }))['y']!.data).toEqual(Float32Array.of(-1, -2, -3));
    expect((await profileOf('root'))!.runs).toBe(1);
  });

  it('leaves no files behind', async () => {
    const run = await engine.compile(negatedRoot, { name: 'root', inputs });
    await run.run({ x });
    expect(recordings().length).toBeGreaterThan(0);
    await engine.dispose();
    expect(recordings().filter((name) => !before.includes(name))).toEqual([]);
  });

  it('has no functions where nothing was to be recorded', async () => {
    const plain = createCompiledEngine({ threads: 1, cache: 'none' });
    const run = await plain.compile(negatedRoot, { name: 'root', inputs });
    await run.run({ x });
    expect(await plain.profile()).toEqual({ functions: [] });
    await plain.dispose();
  });
});
