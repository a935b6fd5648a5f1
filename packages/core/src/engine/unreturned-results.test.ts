import { add, fill, gather, mul, neg, reshape, type Tensor } from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { createCompiledEngine } from './compiled-engine.ts';
import { nodeRuntime } from './node-runtime.ts';
import { encodeOnnx } from './onnx/encode-onnx.ts';
import type { OnnxGraph } from './onnx/graph.ts';
import { unreturningSession, withEmptySequence } from './unreturned-results.ts';

const length = 65_536;

/** Picks numbers by their places, as many as there are. */
const graphOf = (size: number): OnnxGraph => ({
  name: 'picked',
  nodes: [{ op: 'Gather', domain: '', inputs: ['x', 'places'], outputs: ['y'], attributes: {} }],
  initializers: [],
  inputs: [
    { name: 'x', shape: [size], dtype: 'float32' },
    { name: 'places', shape: [size], dtype: 'int32' },
  ],
  outputs: [{ name: 'y', shape: [size], dtype: 'float32' }],
  work: 0,
});
const sessionOf = async (size: number) =>
  unreturningSession(
    await ort.InferenceSession.create(encodeOnnx(withEmptySequence(graphOf(size))), { logSeverityLevel: 4 }),
  );
const feedsOf = (size: number, place: number) => ({
  x: nodeRuntime.tensor(
    'float32',
    [size],
    new Float32Array(size).map((_, index) => index),
  ),
  places: nodeRuntime.tensor('int32', [size], new Int32Array(size).fill(place)),
});
const room = (size: number) => nodeRuntime.tensor('float32', [size], new Float32Array(size));

describe('a session of large results', () => {
  it('writes them in place and returns nothing', async () => {
    const session = await sessionOf(length);
    const y = room(length);
    expect(await session.run(feedsOf(length, 7), { y })).toEqual({});
    expect(new Set(y.data as Float32Array)).toEqual(new Set([7]));
    await session.release();
  });

  it('returns them where it is asked for new arrays', async () => {
    const session = await sessionOf(length);
    const { y } = await session.run(feedsOf(length, 5), { y: null });
    expect(new Set(y!.data as Float32Array)).toEqual(new Set([5]));
    await session.release();
  });

  it('says so when a run fails, and runs again', async () => {
    const session = await sessionOf(length);
    const y = room(length);
    await expect(session.run(feedsOf(length, length), { y })).rejects.toThrowError(/out of/);
    await session.run(feedsOf(length, 3), { y });
    expect((y.data as Float32Array)[0]).toBe(3);
    await session.release();
  });
});

it('a session of small results returns them, as copying is quicker', async () => {
  expect(withEmptySequence(graphOf(length - 1)).emptySequence).toBeUndefined();
  const session = await sessionOf(10);
  const y = room(10);
  expect(Object.keys(await session.run(feedsOf(10, 4), { y }))).toEqual(['y']);
  expect((y.data as Float32Array)[9]).toBe(4);
  await session.release();
});

describe('a compiled function of large results', () => {
  const engine = createCompiledEngine({ cache: 'none', threads: 1 });
  afterAll(() => engine.dispose());
  const values = (from: number) => new Float32Array(length).map((_, index) => from + (index % 100));

  it('has what passes through it, constants, and one value under two names', async () => {
    const run = await engine.compile(
      (_, { x }) => {
        const twice = add(x!, x!);
        return {
          outputs: {
            same: x!,
            constant: fill([length], 4),
            twice,
            again: twice,
            folded: reshape(twice, [256, 256]),
            picked: gather(x!, fill([length], 3, 'int32')),
          },
        };
      },
      { name: 'through', inputs: { x: { shape: [length], dtype: 'float32' } } },
    );
    for (const from of [0, 50]) {
      const x = values(from);
      const found = await run.run({ x });
      const doubled = x.map((value) => 2 * value);
      expect(found['same']!.data).toEqual(x);
      expect(found['constant']!.data).toEqual(new Float32Array(length).fill(4));
      for (const name of ['twice', 'again', 'folded']) expect(found[name]!.data).toEqual(doubled);
      expect(found['picked']!.data).toEqual(new Float32Array(length).fill(x[3]!));
    }
  });

  it('writes stores that read each other, in turn, run after run', async () => {
    const start = { shape: [length], dtype: 'float32' } as const;
    const store = engine.createStore({ a: { ...start, data: values(1) }, b: { ...start, data: values(2) } });
    const run = await engine.compile(
      ({ store: held }, { x }) => {
        const { a, b } = held as { a: Tensor; b: Tensor };
        return { outputs: { before: a }, updates: { store: { a: b, b: mul(neg(a), x!) } } };
      },
      { name: 'exchange', inputs: { x: { shape: [], dtype: 'float32' } }, stores: { store } },
    );
    let [a, b] = [values(1), values(2)];
    for (const x of [2, 3, 5, 7]) {
      const { before } = await run.run({ x: Float32Array.of(x) });
      expect(before!.data).toEqual(a);
      [a, b] = [b, a.map((value) => -value * x)];
      expect((await store.read('a')).data).toEqual(a);
      expect((await store.read('b')).data).toEqual(b);
    }
  });
});
