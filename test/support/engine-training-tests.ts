/** Registers the test that training computes the same on an engine as on the CPU backend of TensorFlow.js. */
import { createEagerEngine } from '@transfuse/core/engine';
import { beforeAll, expect, it } from 'vitest';
import type { EngineKind } from './engine-kinds.ts';
import { trainingDistance, trainTiny } from './tiny-training.ts';
import type { TwentySteps } from './twenty-steps.ts';

/** Trains a whole model twenty steps on each engine. */
export function testTraining(kinds: readonly Pick<EngineKind, 'kind' | 'create'>[]): void {
  let expected: TwentySteps;
  beforeAll(async () => {
    const cpu = await createEagerEngine();
    expected = await trainTiny(cpu);
    await cpu.dispose();
  });

  it.each(kinds)(
    'gives on the $kind engine what it gives on the CPU backend: losses and gradient norms of twenty steps, and the weights after them',
    async ({ create }) => {
      const engine = await create();
      const found = await trainTiny(engine);
      await engine.dispose();
      expect(found.steps).toHaveLength(20);
      expect(found.weights.map(Object.keys)).toEqual(expected.weights.map(Object.keys));
      expect(trainingDistance(found, expected)).toBeLessThan(1e-4);
    },
  );
}
