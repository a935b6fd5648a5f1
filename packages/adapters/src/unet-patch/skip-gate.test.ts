import { tensor1d } from '@tensorflow/tfjs-core';
import { createEagerEngine } from '@transfuse/core/engine';
import { expect, it } from 'vitest';
import { runOnce } from '../../../../test/support/tiny-run.ts';
import { skipGate } from './skip-gate.ts';

const engine = await createEagerEngine();
const floats = (shape: readonly number[], data: readonly number[]) => ({
  shape,
  dtype: 'float32' as const,
  data: Float32Array.from(data),
});

it('a gate is (1 - t)^4 (1 + f(t)) in every channel: shut at time 1, nearly so from the middle on', async () => {
  const { gate } = await runOnce(
    engine,
    ({ weight, bias, embedding }) => ({
      gate: skipGate({ 'gate.weight': weight!, 'gate.bias': bias! }, 'gate', {
        time: tensor1d([0, 0.5, 1]),
        embedding: embedding!,
      }),
    }),
    {
      weight: floats([1, 2], [0, 1]), // the second channel has learned f = 1 + the embedding
      bias: floats([2], [0, 1]),
      embedding: floats([3, 1], [0, 2, 5]),
    },
  );
  expect(gate!.shape).toEqual([3, 1, 1, 2]);
  expect([...gate!.data]).toEqual([1, 2, 1 / 16, 4 / 16, 0, 0]);
});
