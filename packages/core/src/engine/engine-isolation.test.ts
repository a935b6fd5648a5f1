import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { float32 } from '../../../../test/support/engine-host-tensor.ts';
import { engineKinds } from '../../../../test/support/engine-kinds.ts';
import type { Engine, TensorSpec } from '../contracts/index.ts';

const vector: TensorSpec = { shape: [2], dtype: 'float32' };
/** A backend of the user's own, which has nothing to do with the engines. */
const usersBackend = 'abacus';
tf.registerBackend(usersBackend, () => tf.findBackend('cpu'));
tf.copyRegisteredKernels('cpu', usersBackend);

describe.each(engineKinds)('beside the $kind engine', ({ create }) => {
  let engine: Engine;
  beforeEach(async () => {
    await tf.setBackend(usersBackend);
    engine = await create();
  });
  afterEach(() => engine.dispose());

  it('the backend that the user chose stays chosen, at every step', async () => {
    const seen = [tf.getBackend()];
    const store = engine.createStore({ w: float32([2], [1, 2]) });
    seen.push(tf.getBackend());
    let inside = '';
    const run = await engine.compile(
      ({ s }, { x }) => {
        inside = tf.getBackend();
        return { outputs: { y: tf.add(x!, s!['w']!) }, updates: { s: { w: x! } } };
      },
      { name: 'step', inputs: { x: vector }, stores: { s: store } },
    );
    seen.push(tf.getBackend());
    const running = run.run({ x: Float32Array.of(1, 2) });
    seen.push(tf.getBackend());
    await running;
    store.write('w', float32([2], [3, 4]));
    await store.read('w');
    store.dispose();
    await run.dispose();
    await engine.dispose();
    seen.push(tf.getBackend());
    expect(new Set(seen)).toEqual(new Set([usersBackend]));
    expect(inside).not.toBe(usersBackend);
  });

  it('an exception inside a function leaves the user’s backend chosen and no trace open', async () => {
    for (const fail of [
      () => {
        throw new Error('mine');
      },
      (x: tf.Tensor) => tf.grad(() => tf.scalar(1))(x), // TensorFlow.js refuses: the result does not depend on x
    ]) {
      const failing = async () => {
        const run = await engine.compile((_, { x }) => ({ outputs: { y: fail(x!) } }), {
          name: 'failing',
          inputs: { x: vector },
        });
        await run.run({ x: new Float32Array(2) });
      };
      await expect(failing()).rejects.toThrow(/mine|with respect to x/);
      expect(tf.getBackend()).toBe(usersBackend);
      expect([...tf.tidy(() => tf.add(tf.tensor1d([1, 2]), 1).dataSync())]).toEqual([2, 3]);
    }
  });

  it('tensors of the user survive a run that begins inside tidy', async () => {
    const mine = tf.tensor1d([1, 2]);
    const before = tf.memory().numTensors;
    const run = await engine.compile((_, { x }) => ({ outputs: { y: tf.mul(x!, 3) } }), {
      name: 'triple',
      inputs: { x: vector },
    });
    const started: ReturnType<typeof run.run>[] = [];
    tf.tidy(() => {
      started.push(run.run({ x: Float32Array.of(1, 2) }));
      expect([...tf.add(mine, 1).dataSync()]).toEqual([2, 3]);
    });
    const { y } = await started[0]!;
    expect(y!.data).toEqual(Float32Array.of(3, 6));
    expect([...mine.dataSync()]).toEqual([1, 2]);
    expect(tf.memory().numTensors).toBe(before);
    mine.dispose();
  });

  it('compiling leaves no tensors behind, whether it succeeds or not', async () => {
    const before = tf.memory().numTensors;
    for (let count = 0; count < 10; count++) {
      const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.softmax(x)));
      const run = await engine.compile((_, { x }) => ({ outputs: { x: gradient(x!), y: tf.tensor1d([1]) } }), {
        name: 'gradient',
        inputs: { x: vector },
      });
      await run.run({ x: new Float32Array(2) });
      await run.dispose();
      const failing = engine
        .compile(
          (_, { x }) => {
            tf.mul(x!, 2);
            throw new Error('mine');
          },
          { name: 'failing', inputs: { x: vector } },
        )
        .then((compiled) => compiled.run({ x: new Float32Array(2) }));
      await expect(failing).rejects.toThrow('mine');
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('a second engine works, and goes, on its own', async () => {
    const [compiled, eager] = await Promise.all(engineKinds.map((other) => other.create()));
    const all = [engine, compiled!, eager!];
    const stores = all.map((one) => one.createStore({ w: float32([2], [0, 0]) }));
    const runs = await Promise.all(
      all.map((one, index) =>
        one.compile(
          ({ s }, { x }) => {
            const next = tf.add(s!['w']!, tf.mul(x!, index + 1));
            return { outputs: { y: tf.neg(next) }, updates: { s: { w: next } } };
          },
          { name: `sum ${index}`, inputs: { x: vector }, stores: { s: stores[index]! } },
        ),
      ),
    );
    for (let round = 1; round <= 3; round++) {
      const results = await Promise.all(runs.map((run) => run.run({ x: Float32Array.of(1, 10) })));
      results.forEach(({ y }, index) => {
        expect(y!.data).toEqual(Float32Array.of(-round * (index + 1), -10 * round * (index + 1)));
      });
    }
    await compiled!.dispose();
    await eager!.dispose();
    expect((await runs[0]!.run({ x: Float32Array.of(1, 10) }))['y']!.data).toEqual(Float32Array.of(-4, -40));
    expect(tf.getBackend()).toBe(usersBackend);
  });

  it('runs of one function that are started without waiting happen one after the other', async () => {
    const store = engine.createStore({ w: float32([1], [0]) });
    const run = await engine.compile(({ s }) => ({ outputs: {}, updates: { s: { w: tf.add(s!['w']!, 1) } } }), {
      name: 'count',
      inputs: {},
      stores: { s: store },
    });
    await Promise.all([run.run({}), run.run({}), run.run({})]);
    expect((await store.read('w')).data).toEqual(Float32Array.of(3));
  });
});
