import { abs, add, customGrad, matMul, mul, relu, reshape, type Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../contracts/engine.ts';
import type { ContinuousAdapter } from '../contracts/modality-adapter.ts';
import { createEagerEngine } from '../engine/eager-engine.ts';
import { insistSlopes } from './slope-check.ts';

const normal = { kind: 'normal', standardDeviation: 0.02 } as const;

/** Points `[P, 3]`, four to a token; between the hidden states and the points stand some units with an activation. */
function cloud(activation: (x: Tensor) => Tensor, { points = 64, units = 4 } = {}): ContinuousAdapter {
  const matrix = (...shape: number[]) => ({ shape, initializer: normal, decay: true });
  return {
    kind: 'continuous',
    modality: 'points',
    defaultLatentShape: [points, 3],
    encode: () => Promise.reject(new Error('not used here')),
    decode: () => Promise.reject(new Error('not used here')),
    tokenGrid: () => [points / 4],
    parameters: (width) => ({
      i: matrix(12, width),
      t: matrix(1, width),
      h: matrix(width, units),
      o: matrix(units, 12),
    }),
    embed(params, noisy, time) {
      const [batch] = noisy.shape as [number];
      const tokens = matMul(reshape(noisy, [-1, 12]), params['i']!);
      const timed = reshape(matMul(reshape(time, [-1, 1]), params['t']!), [batch, 1, -1]);
      return { tokens: add(reshape(tokens, [batch, points / 4, -1]), timed), skips: {} };
    },
    predict(params, hidden, _time, _skips, latentShape) {
      const inner = activation(matMul(reshape(hidden, [-1, hidden.shape[2]!]), params['h']!));
      return reshape(matMul(inner, params['o']!), [-1, ...latentShape]);
    },
  };
}

let engine: Engine;
beforeAll(async () => {
  engine = await createEagerEngine();
});
afterAll(() => engine.dispose());

const check = (adapter: ContinuousAdapter, modelWidth = 16) =>
  insistSlopes({ adapter, latentShape: adapter.defaultLatentShape, modelWidth, where: 'Here' }, engine);

/** The activation, but with a gradient that is wrong by a factor. */
const wrongBy = (factor: number, activation: (x: Tensor) => Tensor) =>
  customGrad((x) => ({
    value: activation(x as Tensor),
    gradFunc: (slope: Tensor) => [mul(slope, factor)],
  })) as (x: Tensor) => Tensor;

describe('the slopes of an adapter', () => {
  it.each(Object.entries({ abs, relu }))('may have kinks: %s', async (_, activation) => {
    await expect(check(cloud((x) => activation(x)))).resolves.toBeUndefined();
  });

  it('may have kinks at any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 16 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 3, max: 40 }),
        async (tokens, units, width) => {
          await check(
            cloud((x) => abs(x), { points: 4 * tokens, units }),
            width,
          );
        },
      ),
      { numRuns: 40, seed: 1 },
    );
  });

  it.each([0, 0.5, 2, -1])('are found where an op has %d times its gradient', async (factor) => {
    await expect(check(cloud(wrongBy(factor, (x) => mul(x, 1))))).rejects.toThrow(
      /^Here the gradient of \S+ says a slope of \S+, finite differences \S+, also with smaller steps; an op in between has a wrong gradient, or kinks \(relu, abs, max\)/,
    );
  });

  it('are found where an op with kinks has a wrong gradient', async () => {
    const squashed = (x: Tensor) => add(abs(x), wrongBy(1.5, (y) => mul(y, 1))(x));
    await expect(check(cloud(squashed))).rejects.toThrow(/an op in between has a wrong gradient/);
  });

  it('are found where half of the units have a wrong gradient', async () => {
    const half = (x: Tensor) => add(mul(x, 0.5), wrongBy(0, (y) => mul(y, 0.5))(x));
    await expect(check(cloud(half))).rejects.toThrow(/finite differences/);
  });
});
