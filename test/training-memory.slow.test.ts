import * as tf from '@tensorflow/tfjs-core';
import { createCompiledEngine } from '@transfuse/core/engine';
import { expect, it } from 'vitest';
import { smallestGrowth } from './support/held-memory.ts';
import { createTinyTrainer } from './support/tiny-training.ts';

it('a trainer of a whole model holds no more after another 1,000 steps, once it is warm', async () => {
  const engine = createCompiledEngine({ threads: 1, cache: 'none' });
  const trainer = await createTinyTrainer(engine);
  const train = async (steps: number) => {
    for (let step = 0; step < steps; step++) await trainer.step();
  };
  await train(1500);
  const { numTensors, numDataBuffers } = tf.memory();
  // One array of 1,024 numbers kept at each step would add 4 MiB.
  expect(await smallestGrowth(() => train(1000))).toBeLessThan(2);
  expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
  await trainer.dispose();
  await engine.dispose();
});
