import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../packages/core/src/contracts/index.ts';
import { float32 } from './support/engine-host-tensor.ts';
import { engineKinds } from './support/engine-kinds.ts';

// Here and not beside the engines, which take errors from their own folder for those of operations.
describe.each(engineKinds)('the $kind engine', ({ create }) => {
  let engine: Engine;
  beforeEach(async () => {
    engine = await create();
  });
  afterEach(() => engine.dispose());

  it('passes on what the function itself throws, and changes no store', async () => {
    const store = engine.createStore({ w: float32([1], [1]) });
    const failing = async () => {
      const run = await engine.compile(
        ({ s }) => {
          tf.add(s!['w']!, 1);
          throw new RangeError('of the function');
        },
        { name: 'failing', inputs: {}, stores: { s: store } },
      );
      await run.run({});
    };
    await expect(failing()).rejects.toThrow(new RangeError('of the function'));
    expect((await store.read('w')).data).toEqual(Float32Array.of(1));
  });
});
