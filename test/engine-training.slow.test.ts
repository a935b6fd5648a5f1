import { createCompiledEngine, createEagerEngine } from '@transfuse/core/engine';
import { describe, expect, it } from 'vitest';
import { graphicsProblem } from './support/engine-kinds.ts';
import { trainingDistance, trainTiny } from './support/tiny-training.ts';

const kinds = [
  ['the eager engine', () => createEagerEngine({ backend: 'webgpu' })],
  ['the compiled engine', async () => createCompiledEngine({ provider: 'webgpu' })],
] as const;

describe.skipIf(graphicsProblem !== undefined)('training on a graphics processor', () => {
  it.each(kinds)('computes on %s what the CPU backend computes, after a step and after twenty', async (_, create) => {
    const cpu = await createEagerEngine();
    const engine = await create();
    const [found, expected] = [await trainTiny(engine), await trainTiny(cpu)];
    expect(found.weights).toHaveLength(2);
    expect(trainingDistance(found, expected)).toBeLessThan(1e-4);
    await engine.dispose();
    await cpu.dispose();
  });
});
