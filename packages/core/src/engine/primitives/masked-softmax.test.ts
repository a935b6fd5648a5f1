import { add, mul, sub } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { floats, integers } from '../../../../../test/support/engine-arbitraries.ts';
import { expectClose } from '../../../../../test/support/engine-closeness.ts';
import { float32 } from '../../../../../test/support/engine-host-tensor.ts';
import { createEnginePair, type EnginePair } from '../../../../../test/support/engine-pair.ts';
import { maskedSoftmax } from './masked-softmax.ts';

let engines: EnginePair;
beforeAll(async () => {
  engines = await createEnginePair();
});
afterAll(() => engines.dispose());

/** Weights of scores with -1e9 added where `visible` is 0, on both engines. */
async function weightsOf(shape: readonly [number, number], scores: readonly number[], visible: readonly number[]) {
  const given = { scores: float32([...shape], [...scores]), visible: float32([...shape], [...visible]) };
  const both = await engines.run(({ scores: all, visible: seen }) => {
    const masked = add(all!, mul(sub(1, seen!), -1e9));
    return { weights: maskedSoftmax(masked, seen!) };
  }, given);
  return [both.compiled, both.eager].map(({ weights }) => weights!);
}

describe('maskedSoftmax', () => {
  it('is the softmax of what is visible, and exactly zero elsewhere, for any scores', async () => {
    const samples = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 20 })).chain(([rows, size]) =>
      fc.record({
        shape: fc.constant([rows, size] as const),
        scores: floats([rows, size], { min: -120, max: 120 }),
        visible: integers([rows, size], { min: 0, max: 1 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(samples, async ({ shape, scores, visible }) => {
        const [rows, size] = shape;
        const expected = Array.from({ length: rows }, (_, row) => {
          const of = Array.from({ length: size }, (__, at) =>
            visible.data[row * size + at] === 1 ? scores.data[row * size + at]! : -Infinity,
          );
          const exponentials = of.map((score) => Math.exp(score - Math.max(...of, -1e9)));
          const sum = exponentials.reduce((a, b) => a + b, 0);
          return exponentials.map((each) => (sum === 0 ? 0 : each / sum));
        }).flat();
        for (const weights of await weightsOf(shape, [...scores.data], [...visible.data])) {
          expectClose(weights, float32([rows, size], expected), 'weights');
          weights.data.forEach((weight, at) => {
            if (visible.data[at] === 0) expect(weight).toBe(0);
          });
        }
      }),
      { numRuns: 30 },
    );
  });

  it('hides no score that is not a number', async () => {
    for (const { data } of await weightsOf([1, 3], [1, NaN, 2], [1, 1, 0])) expect(data.some(Number.isNaN)).toBe(true);
  });
});
