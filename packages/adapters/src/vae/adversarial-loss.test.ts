import { tensor } from '@tensorflow/tfjs-core';
import { createEagerEngine } from '@transfuse/core/engine';
import { describe, expect, it } from 'vitest';
import { runOnce } from '../../../../test/support/tiny-run.ts';
import { adaptiveWeight, decoderHinge, discriminatorHinge } from './adversarial-loss.ts';

const engine = await createEagerEngine({ backend: 'cpu' });
const number = async (f: () => ReturnType<typeof tensor>) =>
  (await runOnce(engine, () => ({ result: f() }), {}))['result']!.data[0]!;

describe('the hinge loss', () => {
  it('asks nothing more of scores beyond 1, and half of what is missing otherwise', async () => {
    expect(await number(() => discriminatorHinge(tensor([1, 5]), tensor([-1, -7])))).toBe(0);
    expect(await number(() => discriminatorHinge(tensor([0, 0]), tensor([0, 0])))).toBe(1);
    expect(await number(() => discriminatorHinge(tensor([0.5, 2]), tensor([1, -3])))).toBe((0.25 + 1) / 2);
  });

  it('asks the decoder for high scores', async () => {
    expect(await number(() => decoderHinge(tensor([3, -1])))).toBe(-1);
  });
});

describe('the adaptive weight', () => {
  it('is the ratio of the gradients’ lengths, at most 10,000', async () => {
    expect(await number(() => adaptiveWeight(tensor([3, 4]), tensor([0, 2])))).toBeCloseTo(2.5, 3);
    expect(await number(() => adaptiveWeight(tensor([3, 4]), tensor([0, 0])))).toBe(10_000);
    expect(await number(() => adaptiveWeight(tensor([0, 0]), tensor([1, 0])))).toBe(0);
  });
});
