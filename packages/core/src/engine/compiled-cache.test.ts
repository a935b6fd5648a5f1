import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { float32 } from '../../../../test/support/engine-host-tensor.ts';
import type { Engine, TensorFunction, TensorStore } from '../contracts/index.ts';
import type { EngineCache } from './cache-folder.ts';
import { createCompiledEngine } from './compiled-engine.ts';
import { createSession } from './create-session.ts';
import { createModelCache } from './model-cache.ts';
import { encodeOnnx } from './onnx/encode-onnx.ts';

let folder: string;
const create = vi.spyOn(ort.InferenceSession, 'create');
const engines: Engine[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compiled-cache-'));
  create.mockClear();
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.dispose()));
  await rm(folder, { recursive: true, force: true });
});

function engineWith(cache: EngineCache = { folder }): Engine {
  const engine = createCompiledEngine({ threads: 1, cache });
  engines.push(engine);
  return engine;
}

const entries = () => readdir(join(folder, 'compiled')).catch(() => []);

/** Levels of optimization that sessions were created with since the test began. */
const optimizations = () =>
  create.mock.calls
    .map((call) => (call as unknown[]).at(1) as ort.InferenceSession.SessionOptions)
    .map(({ graphOptimizationLevel }) => graphOptimizationLevel);

/** Three steps of descent on a small network, all in one function: some hundred nodes, with a gradient. */
const descend =
  (rate = 0.1): TensorFunction =>
  ({ s }, { x }) => {
    let w = s!['w']!;
    for (let step = 0; step < 3; step++) {
      const slope = tf.grad((at: tf.Tensor) => {
        let hidden = x!;
        for (let layer = 0; layer < 12; layer++)
          hidden = tf.tanh(tf.add(tf.matMul(hidden, at as tf.Tensor2D), 0.01 * layer));
        return tf.sum(tf.square(hidden));
      });
      w = tf.sub(w, tf.mul(slope(w), rate));
    }
    return { outputs: { norm: tf.sum(tf.square(w)) }, updates: { s: { w } } };
  };

const weights = () =>
  float32(
    [4, 4],
    Array.from({ length: 16 }, (_, index) => Math.sin(index)),
  );
const x = Float32Array.from({ length: 8 }, (_, index) => Math.cos(index));

const compile = (engine: Engine, store: TensorStore, run = descend()) =>
  engine.compile(run, { name: 'descend', inputs: { x: { shape: [2, 4], dtype: 'float32' } }, stores: { s: store } });

/** Everything that comes of five runs: numbers that differ in a bit differ. */
async function results(engine: Engine): Promise<Uint8Array[]> {
  const store = engine.createStore({ w: weights() });
  const run = await compile(engine, store);
  const found: Uint8Array[] = [];
  for (let count = 0; count < 5; count++) {
    const { norm } = await run.run({ x });
    found.push(new Uint8Array((norm!.data as Float32Array).slice().buffer));
  }
  found.push(new Uint8Array((await store.read('w')).data.buffer));
  return found;
}

describe('what the compiled engine keeps on disk', () => {
  it('gives the same bits as compiling anew', async () => {
    const without = await results(engineWith('none'));
    const cold = await results(engineWith());
    const warm = await results(engineWith());
    expect(optimizations()).toEqual(['all', 'all', 'disabled']);
    expect(cold).toEqual(without);
    expect(warm).toEqual(without);
  });

  it('gives the same bits where the optimizer chose a layout for this processor', async () => {
    const values = Float32Array.from({ length: 32 * 16 * 9 }, (_, index) => Math.sin(index));
    const node = { domain: '', attributes: { pads: { ints: [1, 1, 1, 1] } } };
    const encoded = encodeOnnx({
      name: 'convolution',
      nodes: [
        { ...node, op: 'Conv', inputs: ['x', 'w'], outputs: ['v'] },
        { ...node, op: 'Relu', inputs: ['v'], outputs: ['y'], attributes: {} },
      ],
      initializers: [{ name: 'w', shape: [32, 16, 3, 3], dtype: 'float32', bytes: new Uint8Array(values.buffer) }],
      inputs: [{ name: 'x', shape: [1, 16, 8, 8], dtype: 'float32' }],
      outputs: [{ name: 'y', shape: [1, 32, 8, 8], dtype: 'float32' }],
      work: 0,
    });
    const place = { cache: createModelCache({ folder }), key: 'convolution', name: 'convolution' };
    const given = new ort.Tensor(
      'float32',
      Float32Array.from({ length: 1024 }, (_, index) => Math.cos(index)),
      [1, 16, 8, 8],
    );
    const found: unknown[] = [];
    for (const where of [undefined, place, place]) {
      const session = await createSession(encoded, { executionProviders: ['cpu'], logSeverityLevel: 3 }, where);
      found.push((await session.run({ x: given }))['y']!.data);
      await session.release();
    }
    expect(optimizations()).toEqual(['all', 'all', 'disabled']);
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
  });

  it('has one entry for a graph, and another for another', async () => {
    const engine = engineWith();
    await compile(engine, engine.createStore({ w: weights() }));
    await compile(engineWith(), engine.createStore({ w: weights() }));
    expect(await entries()).toHaveLength(1);
    await compile(engine, engine.createStore({ w: weights() }), descend(0.2));
    expect(await entries()).toHaveLength(2);
  });

  it('replaces a damaged entry without a word', async () => {
    const sound = await results(engineWith());
    const [key = ''] = await entries();
    const model = join(folder, 'compiled', key, 'model.onnx');
    await writeFile(model, 'no model at all');
    expect(await results(engineWith())).toEqual(sound);
    expect(optimizations()).toEqual(['all', 'all']);
    await results(engineWith());
    expect(optimizations().at(-1)).toBe('disabled');
  });

  it('replaces an entry that is whole but that the runtime refuses', async () => {
    const cache = createModelCache({ folder: join(folder, 'compiled') });
    const sound = await results(engineWith());
    const [key = ''] = await entries();
    await cache.remove(key);
    const draft = await cache.draft(key, {});
    await writeFile(draft!.path, 'no model at all');
    await draft!.keep();
    expect(await results(engineWith())).toEqual(sound);
    expect(optimizations()).toEqual(['all', 'disabled', 'all']);
    expect(await entries()).toEqual([key]);
  });

  it('may be compiled by several at once', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => results(engineWith())));
    for (const found of all) expect(found).toEqual(all[0]);
    expect(await entries()).toHaveLength(1);
  });

  it('is nothing where the folder cannot be written to', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    expect(await results(engineWith({ folder: file }))).toEqual(await results(engineWith('none')));
  });

  it('is nothing of functions that compile as fast as they load: small ones, and those with large constants', async () => {
    const engine = engineWith();
    await engine.compile((_, { x: given }) => ({ outputs: { y: tf.neg(given!) } }), {
      name: 'small',
      inputs: { x: { shape: [2], dtype: 'float32' } },
    });
    const large = new Float32Array(2 ** 20 + 1).fill(1);
    const store = engine.createStore({ w: { data: large, shape: [large.length], dtype: 'float32' } });
    await engine.compile(
      ({ s }, { x: given }) => {
        let y: tf.Tensor = tf.mul(s!['w']!, given!);
        for (let count = 0; count < 300; count++) y = tf.tanh(y);
        return { outputs: { y } };
      },
      { name: 'large', inputs: { x: { shape: [1], dtype: 'float32' } }, stores: { s: store }, frozen: ['s'] },
    );
    expect(await entries()).toEqual([]);
  });
});

describe('functions of one engine that are the same graph', () => {
  const double: TensorFunction = ({ s }, { x: given }) => ({ outputs: { y: tf.mul(given!, s!['w']!) } });
  const inputs = { x: { shape: [2], dtype: 'float32' } } as const;

  it('share one session, and have results of their own', async () => {
    const engine = engineWith('none');
    const stores = [2, 3].map((value) => engine.createStore({ w: float32([1], [value]) }));
    const [twice, thrice] = await Promise.all(
      stores.map((s) => engine.compile(double, { name: 'scale', inputs, stores: { s } })),
    );
    expect(create).toHaveBeenCalledTimes(1);
    const { y: doubled } = await twice!.run({ x: Float32Array.of(1, 2) });
    const { y: tripled } = await thrice!.run({ x: Float32Array.of(1, 2) });
    expect(doubled!.data).toEqual(Float32Array.of(2, 4));
    expect(tripled!.data).toEqual(Float32Array.of(3, 6));
  });

  it('go on when one of them is disposed of, and are compiled again when all were', async () => {
    const engine = engineWith('none');
    const s = engine.createStore({ w: float32([1], [2]) });
    const one = await engine.compile(double, { name: 'one', inputs, stores: { s } });
    const two = await engine.compile(double, { name: 'two', inputs, stores: { s } });
    await one.dispose();
    await one.dispose();
    expect((await two.run({ x: Float32Array.of(1, 2) }))['y']!.data).toEqual(Float32Array.of(2, 4));
    await two.dispose();
    const three = await engine.compile(double, { name: 'three', inputs, stores: { s } });
    expect((await three.run({ x: Float32Array.of(1, 2) }))['y']!.data).toEqual(Float32Array.of(2, 4));
    expect(create).toHaveBeenCalledTimes(2);
  });

  it('are not the same where the values baked into them differ, in a bit or since a store has changed', async () => {
    const engine = engineWith('none');
    const large = (last: number) => float32([100], [...Array.from({ length: 99 }, () => 1), last]);
    const s = engine.createStore({ w: large(1) });
    const bake = () =>
      engine.compile(({ s: frozen }) => ({ outputs: { y: tf.sum(frozen!['w']!) } }), {
        name: 'sum',
        inputs: {},
        stores: { s },
        frozen: ['s'],
      });
    const [first, same] = [await bake(), await bake()];
    expect(create).toHaveBeenCalledTimes(1);
    s.write('w', large(2));
    const changed = await bake();
    const grow = await engine.compile(
      ({ s: live }) => ({ outputs: {}, updates: { s: { w: tf.add(live!['w']!, 1) } } }),
      {
        name: 'grow',
        inputs: {},
        stores: { s },
      },
    );
    await grow.run({});
    const grown = await bake();
    const sums = [];
    for (const run of [first, same, changed, grown]) sums.push((await run.run({}))['y']!.data[0]);
    expect(sums).toEqual([100, 100, 101, 201]);
    expect(create).toHaveBeenCalledTimes(4);
  });
});
