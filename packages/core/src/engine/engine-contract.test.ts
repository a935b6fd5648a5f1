import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { float32, int32 } from '../../../../test/support/engine-host-tensor.ts';
import { engineKinds } from '../../../../test/support/engine-kinds.ts';
import type { Engine, TensorFunction, TensorSpec } from '../contracts/index.ts';

const vector: TensorSpec = { shape: [2], dtype: 'float32' };

describe.each(engineKinds)('the $kind engine', ({ name, description, create }) => {
  let engine: Engine;
  beforeEach(async () => {
    engine = await create();
  });
  afterEach(() => engine.dispose());

  const compile = (run: TensorFunction, inputs: Readonly<Record<string, TensorSpec>> = { x: vector }) =>
    engine.compile(run, { name: 'function under test', inputs });

  it('says what it is', () => {
    expect(engine.name).toBe(name);
    expect(engine.description).toMatch(description);
  });

  it('gives a compiled function its name', async () => {
    const named = await compile((_, { x }) => ({ outputs: { y: x! } }));
    expect(named.name).toBe('function under test');
  });

  it('returns every output with its shape, type and values', async () => {
    const run = await compile(
      (_, { x, i, flag }) => ({
        outputs: {
          floats: tf.expandDims(tf.mul(x!, 2), 0),
          integers: tf.add(i!, tf.scalar(1, 'int32')),
          flags: tf.logicalNot(flag!),
          scalar: tf.sum(x!),
        },
      }),
      { x: vector, i: { shape: [1], dtype: 'int32' }, flag: { shape: [2], dtype: 'bool' } },
    );
    const outputs = await run.run({ x: Float32Array.of(1, 2.5), i: Int32Array.of(41), flag: Uint8Array.of(0, 1) });
    expect(outputs).toEqual({
      floats: { shape: [1, 2], dtype: 'float32', data: Float32Array.of(2, 5) },
      integers: { shape: [1], dtype: 'int32', data: Int32Array.of(42) },
      flags: { shape: [2], dtype: 'bool', data: Uint8Array.of(1, 0) },
      scalar: { shape: [], dtype: 'float32', data: Float32Array.of(3.5) },
    });
  });

  it('leaves the fed arrays as they are, and sees what they hold at each run', async () => {
    const run = await compile((_, { x }) => ({ outputs: { y: tf.neg(x!) } }));
    const x = Float32Array.of(1, 2);
    expect((await run.run({ x }))['y']!.data).toEqual(Float32Array.of(-1, -2));
    expect(x).toEqual(Float32Array.of(1, 2));
    x[0] = 7;
    expect((await run.run({ x }))['y']!.data).toEqual(Float32Array.of(-7, -2));
  });

  it('takes a part of a larger array as an input', async () => {
    const run = await compile((_, { x }) => ({ outputs: { y: tf.neg(x!) } }));
    const { y } = await run.run({ x: Float32Array.of(1, 2, 3, 4).subarray(1, 3) });
    expect(y!.data).toEqual(Float32Array.of(-2, -3));
  });

  it('returns an input, a constant and one value under two names', async () => {
    const run = await compile((_, { x }) => {
      const twice = tf.add(x!, x!);
      return { outputs: { input: x!, constant: tf.tensor1d([5, 6]), first: twice, second: twice } };
    });
    for (const given of [1, 3]) {
      const x = Float32Array.of(given, given);
      const outputs = await run.run({ x });
      expect(outputs['input']!.data).toEqual(x);
      expect(outputs['constant']!.data).toEqual(Float32Array.of(5, 6));
      expect(outputs['first']!.data).toEqual(Float32Array.of(2 * given, 2 * given));
      expect(outputs['second']!.data).toEqual(Float32Array.of(2 * given, 2 * given));
    }
  });

  it('returns arrays of its own where an output is an input', async () => {
    const run = await compile((_, { x }) => ({ outputs: { y: x! } }));
    const x = Float32Array.of(1, 2);
    const { y } = await run.run({ x });
    x.fill(0);
    expect(y!.data).toEqual(Float32Array.of(1, 2));
  });

  it('keeps outputs valid over the next run of the same function, whatever other functions run', async () => {
    const double = await compile((_, { x }) => ({ outputs: { y: tf.mul(x!, 2) } }));
    const triple = await compile((_, { x }) => ({ outputs: { y: tf.mul(x!, 3) } }));
    const { y: doubled } = await double.run({ x: Float32Array.of(1, 2) });
    for (let count = 0; count < 5; count++) await triple.run({ x: Float32Array.of(count, count) });
    await double.run({ x: Float32Array.of(7, 8) });
    expect(doubled!.data).toEqual(Float32Array.of(2, 4));
  });

  it('gives each of many runs that are called at once its own outputs', async () => {
    const next = await compile((_, { x }) => ({ outputs: { y: tf.add(x!, 1) } }));
    const given = [1, 10, 100, 1000, 10_000];
    const results = await Promise.all(given.map((first) => next.run({ x: Float32Array.of(first, 0) })));
    expect(results.map(({ y }) => [...y!.data])).toEqual(given.map((first) => [first + 1, 1]));
  });

  it('takes what a run returned as the input of several that follow', async () => {
    const reversed = await compile((_, { x }) => ({ outputs: { y: tf.reverse(x!) } }), {
      x: { shape: [6], dtype: 'float32' },
    });
    const { y: first } = await reversed.run({ x: Float32Array.of(6, 5, 4, 3, 2, 1) });
    const both = await Promise.all([reversed.run({ x: first!.data }), reversed.run({ x: first!.data })]);
    expect(both.map(({ y }) => [...y!.data])).toEqual([
      [6, 5, 4, 3, 2, 1],
      [6, 5, 4, 3, 2, 1],
    ]);
  });

  it('takes what a run returned as the input of the next', async () => {
    const swapped = await compile((_, { x }) => ({ outputs: { y: tf.add(tf.reverse(x!), tf.tensor1d([1, 0])) } }));
    let x = Float32Array.of(0, 5);
    const seen: number[][] = [];
    for (let run = 0; run < 5; run++) {
      x = (await swapped.run({ x }))['y']!.data as Float32Array<ArrayBuffer>;
      seen.push([...x]);
    }
    expect(seen).toEqual([
      [6, 0],
      [1, 6],
      [7, 1],
      [2, 7],
      [8, 2],
    ]);
  });

  it('differentiates inside a function', async () => {
    const run = await compile((_, { x }) => ({
      outputs: { slope: tf.grad((at: tf.Tensor) => tf.sum(tf.pow(at, 3)))(x!) },
    }));
    expect((await run.run({ x: Float32Array.of(1, -2) }))['slope']!.data).toEqual(Float32Array.of(3, 12));
  });

  it('runs functions with no inputs, and with inputs they do not read', async () => {
    const constant = await compile(() => ({ outputs: { y: tf.add(tf.scalar(1), 2) } }), {});
    expect((await constant.run({}))['y']!.data).toEqual(Float32Array.of(3));
    const unread = await compile((_, { x }) => ({ outputs: { y: x! } }), { x: vector, unread: vector });
    const { y } = await unread.run({ x: Float32Array.of(1, 2), unread: Float32Array.of(3, 4) });
    expect(y!.data).toEqual(Float32Array.of(1, 2));
  });

  it('takes names with slashes and dots', async () => {
    const store = engine.createStore({ 'blocks.0/weight': float32([1], [2]) });
    const run = await engine.compile(
      (stores, inputs) => ({
        outputs: { 'a/b.c': tf.mul(inputs['x/y.z']!, stores['model']!['blocks.0/weight']!) },
        updates: { model: { 'blocks.0/weight': tf.add(stores['model']!['blocks.0/weight']!, 1) } },
      }),
      { name: 'names', inputs: { 'x/y.z': vector }, stores: { model: store } },
    );
    expect((await run.run({ 'x/y.z': Float32Array.of(1, 2) }))['a/b.c']!.data).toEqual(Float32Array.of(2, 4));
    expect((await store.read('blocks.0/weight')).data).toEqual(Float32Array.of(3));
  });

  it('carries tensors without elements', async () => {
    const run = await compile(
      (_, { x, none }) => ({ outputs: { y: tf.concat([none!, x!], 0), none: tf.mul(none!, 2) } }),
      {
        x: vector,
        none: { shape: [0], dtype: 'float32' },
      },
    );
    const { y, none } = await run.run({ x: Float32Array.of(1, 2), none: new Float32Array(0) });
    expect(y!.data).toEqual(Float32Array.of(1, 2));
    expect(none).toEqual({ shape: [0], dtype: 'float32', data: new Float32Array(0) });
  });

  it('reshapes, sums by ids and differentiates where there are no elements', async () => {
    const run = await compile(
      (_, { none, ids }) => ({
        outputs: {
          turned: tf.reshape(none!, [2, 0]),
          longer: tf.reshape(none!, [5, 0]),
          sums: tf.unsortedSegmentSum(tf.reshape(none!, [0, 2]), ids as tf.Tensor1D, 3),
          slope: tf.grad((x) => tf.sum(tf.concat([tf.gather(x, ids as tf.Tensor1D), tf.ones([1])])))(tf.ones([3])),
        },
      }),
      { none: { shape: [0, 2], dtype: 'float32' }, ids: { shape: [0], dtype: 'int32' } },
    );
    const { turned, longer, sums, slope } = await run.run({ none: new Float32Array(0), ids: new Int32Array(0) });
    expect([turned!.shape, longer!.shape]).toEqual([
      [2, 0],
      [5, 0],
    ]);
    expect([sums!.shape, [...sums!.data], [...slope!.data]]).toEqual([[3, 2], Array(6).fill(0), Array(3).fill(0)]);
  });

  it('carries numbers that are not finite, and integers of every size', async () => {
    const run = await compile((_, { x, i }) => ({ outputs: { y: tf.neg(x!), j: tf.add(i!, tf.scalar(0, 'int32')) } }), {
      x: { shape: [3], dtype: 'float32' },
      i: { shape: [2], dtype: 'int32' },
    });
    const extreme = int32([2], [2 ** 31 - 1, -(2 ** 31)]).data;
    const { y, j } = await run.run({ x: Float32Array.of(Infinity, -Infinity, NaN), i: extreme });
    expect(y!.data).toEqual(Float32Array.of(-Infinity, Infinity, NaN));
    expect(j!.data).toEqual(extreme);
  });
});
