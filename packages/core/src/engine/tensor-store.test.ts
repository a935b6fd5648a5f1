import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { float32, int32 } from '../../../../test/support/engine-host-tensor.ts';
import { engineKinds } from '../../../../test/support/engine-kinds.ts';
import type { Engine, TensorFunction, TensorStore } from '../contracts/index.ts';

describe.each(engineKinds)('a store of the $kind engine', ({ create }) => {
  let engine: Engine;
  beforeEach(async () => {
    engine = await create();
  });
  afterEach(() => engine.dispose());

  const compile = (
    run: TensorFunction,
    stores: Readonly<Record<string, TensorStore>>,
    frozen: readonly string[] = [],
  ) => engine.compile(run, { name: 'step', inputs: {}, stores, frozen });
  const values = async (store: TensorStore, name: string) => [...(await store.read(name)).data];

  it('knows the shapes and types of its tensors and reads what it was created with', async () => {
    const store = engine.createStore({ w: float32([2, 1], [1, 2]), ids: int32([1], [7]) });
    expect(store.specs).toEqual({ w: { shape: [2, 1], dtype: 'float32' }, ids: { shape: [1], dtype: 'int32' } });
    expect(await store.read('w')).toEqual(float32([2, 1], [1, 2]));
    expect(await store.read('ids')).toEqual(int32([1], [7]));
  });

  it('copies the values it is given and the values it gives', async () => {
    const given = float32([2], [1, 2]);
    const store = engine.createStore({ w: given });
    given.data.fill(0);
    const read = await store.read('w');
    expect(read.data).toEqual(Float32Array.of(1, 2));
    read.data.fill(0);
    expect(await values(store, 'w')).toEqual([1, 2]);
    const written = float32([2], [3, 4]);
    store.write('w', written);
    written.data.fill(0);
    expect(await values(store, 'w')).toEqual([3, 4]);
  });

  it('is read by functions as it stands at each run', async () => {
    const store = engine.createStore({ w: float32([2], [1, 2]) });
    const run = await compile(({ s }) => ({ outputs: { y: tf.mul(s!['w']!, 10) } }), { s: store });
    expect((await run.run({}))['y']!.data).toEqual(Float32Array.of(10, 20));
    store.write('w', float32([2], [3, 4]));
    expect((await run.run({}))['y']!.data).toEqual(Float32Array.of(30, 40));
  });

  it('takes the updates of a function, run after run, and only those', async () => {
    const store = engine.createStore({ w: float32([2], [1, 2]), still: float32([1], [9]) });
    const run = await compile(
      ({ s }) => ({
        outputs: { before: tf.add(s!['w']!, 0) },
        updates: { s: { w: tf.add(s!['w']!, s!['still']!) } },
      }),
      { s: store },
    );
    expect((await run.run({}))['before']!.data).toEqual(Float32Array.of(1, 2));
    expect((await run.run({}))['before']!.data).toEqual(Float32Array.of(10, 11));
    expect((await run.run({}))['before']!.data).toEqual(Float32Array.of(19, 20));
    expect(await values(store, 'w')).toEqual([28, 29]);
    expect(await values(store, 'still')).toEqual([9]);
  });

  it('keeps a snapshot it has given, whatever is run and written afterwards', async () => {
    const store = engine.createStore({ w: float32([1], [1]) });
    const run = await compile(({ s }) => ({ outputs: {}, updates: { s: { w: tf.mul(s!['w']!, 2) } } }), { s: store });
    const snapshots = [];
    for (let count = 0; count < 4; count++) {
      snapshots.push(await store.read('w'));
      await run.run({});
    }
    store.write('w', float32([1], [0]));
    expect(snapshots.map(({ data }) => data[0])).toEqual([1, 2, 4, 8]);
  });

  it('gives every update the old values: two stores computed from each other', async () => {
    const [left, right] = [
      engine.createStore({ w: float32([2], [1, 2]) }),
      engine.createStore({ w: float32([2], [10, 20]) }),
    ];
    const run = await compile(
      ({ a, b }) => ({
        outputs: {},
        updates: { a: { w: tf.add(b!['w']!, 1) }, b: { w: tf.sub(a!['w']!, 1) } },
      }),
      { a: left, b: right },
    );
    await run.run({}); // a: b + 1, b: a - 1
    expect([await values(left, 'w'), await values(right, 'w')]).toEqual([
      [11, 21],
      [0, 1],
    ]);
    await run.run({});
    expect([await values(left, 'w'), await values(right, 'w')]).toEqual([
      [1, 2],
      [10, 20],
    ]);
  });

  it('gives every update the old values: two tensors that change places', async () => {
    const store = engine.createStore({ a: float32([2], [1, 2]), b: float32([2], [10, 20]) });
    const run = await compile(({ s }) => ({ outputs: {}, updates: { s: { a: s!['b']!, b: s!['a']! } } }), { s: store });
    await run.run({});
    expect([await values(store, 'a'), await values(store, 'b')]).toEqual([
      [10, 20],
      [1, 2],
    ]);
    await run.run({});
    await run.run({});
    expect([await values(store, 'a'), await values(store, 'b')]).toEqual([
      [10, 20],
      [1, 2],
    ]);
  });

  it('gives every update the old values: two stores that change places', async () => {
    const [left, right] = [engine.createStore({ w: float32([1], [1]) }), engine.createStore({ w: float32([1], [2]) })];
    const run = await compile(({ a, b }) => ({ outputs: {}, updates: { a: b!, b: a! } }), { a: left, b: right });
    await run.run({});
    expect([await values(left, 'w'), await values(right, 'w')]).toEqual([[2], [1]]);
  });

  it('may be returned as an output, again and again, and updated in the same run', async () => {
    const store = engine.createStore({ w: float32([1], [1]) });
    const read = await compile(({ s }) => ({ outputs: { w: s!['w']! } }), { s: store });
    const grow = await compile(
      ({ s }) => {
        const next = tf.add(s!['w']!, 1);
        return { outputs: { old: s!['w']!, next }, updates: { s: { w: next } } };
      },
      { s: store },
    );
    for (const count of [1, 2, 3]) {
      expect((await read.run({}))['w']!.data).toEqual(Float32Array.of(count));
      const { old, next } = await grow.run({});
      expect([old!.data[0], next!.data[0]]).toEqual([count, count + 1]);
    }
    expect(await values(store, 'w')).toEqual([4]);
  });

  it('keeps an output valid when the store it came from is written', async () => {
    const store = engine.createStore({ w: float32([1], [1]) });
    const run = await compile(({ s }) => ({ outputs: { w: s!['w']! }, updates: { s: { w: tf.add(s!['w']!, 1) } } }), {
      s: store,
    });
    const { w } = await run.run({});
    store.write('w', float32([1], [50]));
    expect(w!.data).toEqual(Float32Array.of(1));
  });

  it('is shared by all functions compiled with it', async () => {
    const store = engine.createStore({ w: float32([1], [3]) });
    const square = await compile(({ s }) => ({ outputs: {}, updates: { s: { w: tf.square(s!['w']!) } } }), {
      s: store,
    });
    const halve = await compile(({ t }) => ({ outputs: {}, updates: { t: { w: tf.div(t!['w']!, 2) } } }), { t: store });
    await square.run({});
    await halve.run({});
    await square.run({});
    expect(await values(store, 'w')).toEqual([20.25]);
  });

  it('may appear under two names in one function', async () => {
    const store = engine.createStore({ w: float32([1], [3]) });
    const run = await compile(({ a, b }) => ({ outputs: { y: tf.mul(a!['w']!, b!['w']!) } }), { a: store, b: store });
    expect((await run.run({}))['y']!.data).toEqual(Float32Array.of(9));
  });

  it('holds tensors of every type, scalars and tensors without elements', async () => {
    const store = engine.createStore({
      flag: { data: Uint8Array.of(1, 0), shape: [2], dtype: 'bool' },
      count: int32([], [4]),
      none: float32([0, 3], []),
    });
    const run = await compile(
      ({ s }) => ({
        outputs: { none: tf.mul(s!['none']!, 2) },
        updates: { s: { flag: tf.logicalNot(s!['flag']!), count: tf.add(s!['count']!, tf.scalar(1, 'int32')) } },
      }),
      { s: store },
    );
    expect((await run.run({}))['none']!.shape).toEqual([0, 3]);
    expect(await store.read('flag')).toEqual({ data: Uint8Array.of(0, 1), shape: [2], dtype: 'bool' });
    expect(await store.read('count')).toEqual(int32([], [5]));
  });

  it('keeps, where it is frozen, the values it had when the function was compiled', async () => {
    const [frozen, live] = [engine.createStore({ w: float32([1], [2]) }), engine.createStore({ w: float32([1], [3]) })];
    const run = await compile(({ a, b }) => ({ outputs: { y: tf.mul(a!['w']!, b!['w']!) } }), { a: frozen, b: live }, [
      'a',
    ]);
    frozen.write('w', float32([1], [100]));
    live.write('w', float32([1], [5]));
    expect((await run.run({}))['y']!.data).toEqual(Float32Array.of(10));
    frozen.dispose();
    expect((await run.run({}))['y']!.data).toEqual(Float32Array.of(10));
  });
});
