import { createEagerEngine } from '@transfuse/core/engine';
import { expect, it } from 'vitest';
import { trainingDistance, trainTiny } from './support/tiny-training.ts';

it('training on the backend wasm computes what the CPU backend computes, after a step and after twenty', async () => {
  const [wasm, cpu] = [await createEagerEngine({ backend: 'wasm' }), await createEagerEngine()];
  const [found, expected] = [await trainTiny(wasm), await trainTiny(cpu)];
  expect(found.weights).toHaveLength(2);
  expect(trainingDistance(found, expected)).toBeLessThan(1e-4);
  await wasm.dispose();
  await cpu.dispose();
});
