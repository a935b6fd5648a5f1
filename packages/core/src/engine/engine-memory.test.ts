import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { float32 } from '../../../../test/support/engine-host-tensor.ts';
import { engineKinds } from '../../../../test/support/engine-kinds.ts';
import { heldMemory } from '../../../../test/support/held-memory.ts';
import type { Engine } from '../contracts/index.ts';
import { createCompiledEngine } from './compiled-engine.ts';

const mebibyte = 2 ** 20;
const size = mebibyte / 4; // floats in a mebibyte

describe.each(engineKinds)('the $kind engine', ({ create }) => {
  let engine: Engine;
  beforeEach(async () => {
    engine = await create();
    await tf.setBackend('cpu');
  });
  afterEach(() => engine.dispose());

  it('holds no more tensors after 200 runs than after the first', async () => {
    const store = engine.createStore({ w: float32([2], [1, 2]), v: float32([2], [0, 0]) });
    const run = await engine.compile(
      ({ s }, { x }) => {
        const slope = tf.grad((w: tf.Tensor) => tf.sum(tf.square(tf.sub(w, x!))))(s!['w']!);
        const velocity = tf.add(tf.mul(s!['v']!, 0.5), slope);
        return {
          outputs: { slope, again: slope, constant: tf.scalar(1), input: x! },
          updates: { s: { w: tf.sub(s!['w']!, tf.mul(velocity, 0.01)), v: velocity } },
        };
      },
      { name: 'descend', inputs: { x: { shape: [2], dtype: 'float32' } }, stores: { s: store } },
    );
    await run.run({ x: Float32Array.of(3, -3) });
    const { numTensors, numDataBuffers } = tf.memory();
    for (let count = 0; count < 200; count++) await run.run({ x: Float32Array.of(3, -3) });
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
    expect((await store.read('w')).data[0]).toBeCloseTo(3, 2); // it did descend
  });

  it('holds no more tensors after 200 writes and reads of a store than after the first', async () => {
    const store = engine.createStore({ w: float32([1], [1]) });
    const { numTensors, numDataBuffers } = tf.memory();
    for (let count = 1; count <= 200; count++) {
      store.write('w', float32([1], [count]));
      expect((await store.read('w')).data[0]).toBe(count);
    }
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
  });

  it('holds no more tensors once stores and functions are disposed of', async () => {
    const { numTensors } = tf.memory();
    for (let count = 0; count < 20; count++) {
      const store = engine.createStore({ w: float32([2], [1, 2]) });
      const run = await engine.compile(({ s }) => ({ outputs: {}, updates: { s: { w: tf.neg(s!['w']!) } } }), {
        name: 'negate',
        inputs: {},
        stores: { s: store },
        frozen: [],
      });
      await run.run({});
      await run.dispose();
      store.dispose();
    }
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});

describe('the compiled engine', () => {
  let engine: Engine;
  beforeEach(() => {
    engine = createCompiledEngine({ threads: 1 });
  });
  afterEach(() => engine.dispose());

  it('does not grow with the number of runs', async () => {
    const store = engine.createStore({ w: { data: new Float32Array(size), shape: [size], dtype: 'float32' } });
    const run = await engine.compile(
      ({ s }, { x }) => ({ outputs: { y: tf.neg(x!) }, updates: { s: { w: tf.add(s!['w']!, x!) } } }),
      { name: 'large', inputs: { x: { shape: [size], dtype: 'float32' } }, stores: { s: store } },
    );
    const x = new Float32Array(size).fill(1);
    for (let count = 0; count < 50; count++) await run.run({ x });
    const before = await heldMemory();
    for (let count = 0; count < 200; count++) await run.run({ x });
    expect((await heldMemory()) - before).toBeLessThan(100); // one array leaked per run would be 200
    expect((await store.read('w')).data[0]).toBe(250);
  });

  it('gives back what a function held when it is disposed of', async () => {
    const frozen = engine.createStore({ w: { data: new Float32Array(4 * size), shape: [4 * size], dtype: 'float32' } });
    const cycle = async () => {
      const run = await engine.compile(({ s }, { x }) => ({ outputs: { y: tf.mul(s!['w']!, x!) } }), {
        name: 'frozen',
        inputs: { x: { shape: [1], dtype: 'float32' } },
        stores: { s: frozen },
        frozen: ['s'],
      });
      await run.run({ x: Float32Array.of(1) });
      await run.dispose();
    };
    for (let count = 0; count < 5; count++) await cycle();
    const before = await heldMemory();
    for (let count = 0; count < 40; count++) await cycle();
    expect((await heldMemory()) - before).toBeLessThan(150); // each function holds 4 MiB of constants and 4 of results: 320 in all
  });
});
