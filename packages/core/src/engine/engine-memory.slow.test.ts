/**
 * A thousand steps of training hold no more than a few: neither tensors of TensorFlow.js nor memory of the process,
 * which would also show what the runtime keeps.
 */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { float32 } from '../../../../test/support/engine-host-tensor.ts';
import { smallestGrowth } from '../../../../test/support/held-memory.ts';
import type { NamedTensors } from '../contracts/index.ts';
import { createCompiledEngine } from './compiled-engine.ts';

describe('the compiled engine', () => {
  it('holds no more after another 1,000 training steps, once it is warm', async () => {
    const engine = createCompiledEngine({ threads: 1, cache: 'none' });
    const [width, rows] = [64, 32];
    const weights = () =>
      float32(
        [width, width],
        Array.from({ length: width * width }, (_, index) => Math.sin(index) / 8),
      );
    const zeros = () =>
      float32(
        [width, width],
        Array.from({ length: width * width }, () => 0),
      );
    const model = engine.createStore({ a: weights(), b: weights() });
    const velocity = engine.createStore({ a: zeros(), b: zeros() });
    const loss = ({ a, b }: NamedTensors, x: tf.Tensor, y: tf.Tensor) =>
      tf.mean(
        tf.square(tf.sub(tf.matMul(tf.tanh(tf.matMul(x as tf.Tensor2D, a as tf.Tensor2D)), b as tf.Tensor2D), y)),
      );
    const step = await engine.compile(
      (stores, { x, y }) => {
        const { model: now, velocity: before } = stores as { model: NamedTensors; velocity: NamedTensors };
        const differentiate = tf.valueAndGrads((a: tf.Tensor, b: tf.Tensor) => loss({ a, b }, x!, y!) as tf.Scalar);
        const { value, grads } = differentiate([now['a']!, now['b']!]);
        const next = {
          a: tf.add(tf.mul(before['a']!, 0.9), grads[0]!),
          b: tf.add(tf.mul(before['b']!, 0.9), grads[1]!),
        };
        return {
          outputs: { loss: value },
          updates: {
            velocity: next,
            model: { a: tf.sub(now['a']!, tf.mul(next.a, 0.05)), b: tf.sub(now['b']!, tf.mul(next.b, 0.05)) },
          },
        };
      },
      {
        name: 'step',
        inputs: { x: { shape: [rows, width], dtype: 'float32' }, y: { shape: [rows, width], dtype: 'float32' } },
        stores: { model, velocity },
      },
    );
    /** A fresh batch for every step, as a training has it: what a run keeps of its inputs would add up. */
    const run = async (count: number) => {
      let last = Number.NaN;
      for (let index = 0; index < count; index++) {
        const x = Float32Array.from({ length: rows * width }, (_, at) => Math.sin(at * (index + 1)));
        const outputs = await step.run({ x, y: x.map((value) => value / 2) });
        last = outputs['loss']!.data[0]!;
      }
      return last;
    };
    const first = await run(1);
    await run(1999); // arenas grow to their size, code is compiled: measured, memory is level after about a thousand
    const { numTensors, numDataBuffers } = tf.memory();
    // Keeping one weight, velocity or gradient of 16 KiB at each step would add 15.6 MiB, keeping one array of a batch,
    // 8 KiB, half of that; measured are less than 1 MiB, so 4 tells a leak from what the allocator does.
    expect(await smallestGrowth(() => run(1000))).toBeLessThan(4);
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
    expect(await run(1)).toBeLessThan(first * 0.9); // it did learn: the first batch again
    await engine.dispose();
  });
});
