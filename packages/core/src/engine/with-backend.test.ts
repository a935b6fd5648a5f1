import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createCompiledEngine } from './compiled-engine.ts';
import { withBackend } from './with-backend.ts';

// The first test needs a process in which nobody has chosen a backend yet, so nothing here may choose one before it.
describe('a process in which nobody has chosen a TensorFlow.js backend', () => {
  it('can use TensorFlow.js after a function was compiled', async () => {
    expect(tf.engine().backendName).toBeUndefined();
    const engine = createCompiledEngine({ threads: 1 });
    await engine.compile((_, { x }) => ({ outputs: { y: tf.neg(x!) } }), {
      name: 'first',
      inputs: { x: { shape: [1], dtype: 'float32' } },
    });
    await engine.dispose();
    expect([...tf.tidy(() => tf.add(tf.tensor1d([1, 2]), 1).dataSync())]).toEqual([2, 3]);
    expect(tf.getBackend()).toBe('cpu');
  });
});

describe('withBackend', () => {
  it('runs on the named backend and puts the previous one back, also when what it runs throws', async () => {
    tf.registerBackend('other', () => tf.findBackend('cpu'));
    await tf.setBackend('cpu');
    expect(withBackend('other', () => tf.getBackend())).toBe('other');
    expect(tf.getBackend()).toBe('cpu');
    expect(() =>
      withBackend('other', () => {
        throw new Error('mine');
      }),
    ).toThrow('mine');
    expect(tf.getBackend()).toBe('cpu');
  });

  it('nests', async () => {
    await tf.setBackend('cpu');
    const seen = withBackend('other', () => [
      tf.getBackend(),
      withBackend('cpu', () => tf.getBackend()),
      tf.getBackend(),
    ]);
    expect(seen).toEqual(['other', 'cpu', 'other']);
    expect(tf.getBackend()).toBe('cpu');
  });
});
