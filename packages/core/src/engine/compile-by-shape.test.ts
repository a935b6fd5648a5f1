import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { float32, int32 } from '../../../../test/support/engine-host-tensor.ts';
import type { Engine, TensorFunction } from '../contracts/index.ts';
import { compileByShape } from './compile-by-shape.ts';
import { createCompiledEngine } from './compiled-engine.ts';

const ones = (...shape: number[]) => float32(shape, new Float32Array(shape.reduce((size, n) => size * n, 1)).fill(1));
const total: TensorFunction = (_, { x }) => ({ outputs: { y: tf.sum(tf.cast(x!, 'float32')) } });

let engine: Engine;
beforeEach(() => {
  engine = createCompiledEngine({ threads: 1, cache: 'none' });
});
afterEach(() => engine.dispose());

describe('a function for inputs of any shape', () => {
  it('is compiled when a combination of shapes and types first occurs, and not again', async () => {
    const compile = vi.spyOn(engine, 'compile');
    const run = compileByShape(engine, total, { name: 'total' });
    const given = [ones(2), ones(3), ones(2), ones(1, 3), int32([3], [1, 1, 1]), ones(3), ones(2)];
    for (const x of given) expect((await run.run({ x }))['y']!.data[0]).toBe(x.data.length);
    expect(compile.mock.calls.map(([, { inputs }]) => inputs['x'])).toEqual([
      { shape: [2], dtype: 'float32' },
      { shape: [3], dtype: 'float32' },
      { shape: [1, 3], dtype: 'float32' },
      { shape: [3], dtype: 'int32' },
    ]);
  });

  it('is compiled once for calls that come at the same time, whatever the order of their inputs', async () => {
    const compile = vi.spyOn(engine, 'compile');
    const run = compileByShape(engine, (_, { a, b }) => ({ outputs: { y: tf.sub(a!, b!) } }), { name: 'difference' });
    const [a, b] = [float32([1], [5]), float32([1], [3])];
    const results = await Promise.all([run.run({ a, b }), run.run({ b, a })]);
    expect(results.map((result) => result['y']!.data[0])).toEqual([2, 2]);
    expect(compile).toHaveBeenCalledOnce();
  });

  it('reads and updates its stores whatever the shape', async () => {
    const store = engine.createStore({ sum: float32([], [0]) });
    const run = compileByShape(
      engine,
      ({ state }, { x }) => ({ outputs: {}, updates: { state: { sum: tf.add(state!['sum']!, tf.sum(x!)) } } }),
      { name: 'running total', stores: { state: store } },
    );
    for (const x of [ones(2), ones(3, 2), ones(2)]) await run.run({ x });
    expect((await store.read('sum')).data[0]).toBe(10);
  });

  it('keeps the combinations used last, and never releases one that somebody waits for', async () => {
    const compile = vi.spyOn(engine, 'compile');
    const run = compileByShape(engine, total, { name: 'total', keep: 2 });
    const all = Array.from({ length: 8 }, (_, index) => ones(index + 1));
    const results = await Promise.all(all.map((x) => run.run({ x })));
    expect(results.map((result) => result['y']!.data[0])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const released = await Promise.all(
      compile.mock.results.map(async ({ value }) =>
        (await (value as ReturnType<Engine['compile']>)).run({}).then(
          () => '',
          (error: { code: string }) => error.code,
        ),
      ),
    );
    expect(released.filter((code) => code === 'host.disposed')).toHaveLength(6);
    await run.run({ x: ones(8) });
    expect(compile).toHaveBeenCalledTimes(8);
  });

  it('tries again where compiling failed', async () => {
    let isBroken = true;
    const run = compileByShape(
      engine,
      (_, { x }) => {
        if (isBroken) throw new Error('not yet');
        return { outputs: { y: tf.neg(x!) } };
      },
      { name: 'mended' },
    );
    await expect(run.run({ x: ones(1) })).rejects.toThrow('not yet');
    isBroken = false;
    expect((await run.run({ x: ones(1) }))['y']!.data[0]).toBe(-1);
  });

  it('keeps to the shapes it was called with, whatever becomes of the arrays that said so', async () => {
    const run = compileByShape(engine, total, { name: 'total' });
    const x = { ...ones(2), shape: [2] };
    await run.run({ x });
    x.shape[0] = 3;
    expect((await run.run({ x: ones(2) }))['y']!.data[0]).toBe(2);
  });

  it('refuses inputs that are missing or lack a shape', async () => {
    const run = compileByShape(engine, total, { name: 'total' });
    for (const x of [undefined, { data: new Float32Array(2) }]) {
      await expect(run.run({ x: x as never })).rejects.toMatchObject({ code: 'config.invalid' });
    }
  });

  it('cannot be run once it is disposed of, and leaves the engine as it was', async () => {
    const run = compileByShape(engine, total, { name: 'total' });
    await run.run({ x: ones(2) });
    await run.dispose();
    await run.dispose();
    await expect(run.run({ x: ones(2) })).rejects.toMatchObject({ code: 'host.disposed' });
    const other = await engine.compile(total, { name: 'total', inputs: { x: { shape: [2], dtype: 'float32' } } });
    expect((await other.run({ x: Float32Array.of(1, 2) }))['y']!.data[0]).toBe(3);
  });
});
