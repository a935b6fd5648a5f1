import * as tf from '@tensorflow/tfjs-core';
import { createCompiledEngine } from '@transfuse/core/engine';
import { expect, it } from 'vitest';
import { heldMemory } from './support/held-memory.ts';
import { createTinyTrainer } from './support/tiny-training.ts';

it('a trainer of a whole model holds no more after another 1,000 steps, once it is warm', async () => {
  const engine = createCompiledEngine({ threads: 1, cache: 'none' });
  const trainer = await createTinyTrainer(engine);
  const train = async (steps: number) => {
    for (let step = 0; step < steps; step++) await trainer.step();
  };
  await train(1500);
  const { numTensors, numDataBuffers } = tf.memory();
  const growths: number[] = [];
  for (let window = 0; window < 3; window++) {
    const before = await heldMemory();
    await train(1000);
    growths.push((await heldMemory()) - before);
  }
  // A leak shows in every window: one array of 1,024 numbers kept at each step would add 4 MiB.
  expect(Math.min(...growths)).toBeLessThan(2);
  expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
  await trainer.dispose();
  await engine.dispose();
});
