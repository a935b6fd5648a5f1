import { cast, greater, slice, type Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { floats } from '../../../../../test/support/engine-arbitraries.ts';
import { expectClose } from '../../../../../test/support/engine-closeness.ts';
import { float32 } from '../../../../../test/support/engine-host-tensor.ts';
import { createEnginePair, type EnginePair } from '../../../../../test/support/engine-pair.ts';
import { checkPrimitive } from '../../../../../test/support/engine-primitive-check.ts';
import { attend } from './attend.ts';

/** Rows of a causal mask whose queries also see `ahead` positions after their own. */
const maskValues = (length: number, ahead: number) =>
  Array.from({ length: length * length }, (_, index) =>
    (index % length) - Math.floor(index / length) > ahead ? -1e9 : 0,
  );

/** All queries in runs that end at `ends`, of a mask `[1, 1, T, T]`. */
const runsOf = (mask: Tensor, ends: readonly number[], ahead: number) => {
  const length = mask.shape[3]!;
  return ends.map((end, index) => {
    const begin = index === 0 ? 0 : ends[index - 1]!;
    const keys = Math.min(length, end + ahead);
    const part = slice(mask, [0, 0, begin, 0], [1, 1, end - begin, keys]);
    return { begin, end, keys, mask: part, visible: cast(greater(part, -1), 'float32') };
  });
};

const samples = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    keyHeads: fc.integer({ min: 1, max: 2 }),
    group: fc.integer({ min: 1, max: 2 }),
    length: fc.integer({ min: 1, max: 5 }),
    size: fc.integer({ min: 1, max: 3 }),
    ahead: fc.nat(2),
  })
  .chain(({ batch, keyHeads, group, length, size, ahead }) =>
    fc.record({
      xs: fc.record({
        queries: floats([batch, keyHeads * group, length, size]),
        keys: floats([batch, keyHeads, length, size]),
        values: floats([batch, keyHeads, length, size]),
      }),
      ends: fc.subarray(Array.from({ length: length - 1 }, (_, index) => index + 1)).map((inner) => [...inner, length]),
      ahead: fc.constant(ahead),
      mask: fc.constant(float32([1, 1, length, length], maskValues(length, ahead))),
    }),
  );

let engines: EnginePair;
beforeAll(async () => {
  engines = await createEnginePair();
});
afterAll(() => engines.dispose());

describe('attend', () => {
  it('is the same on both engines and has the gradient of its forward pass, in any runs', async () => {
    await fc.assert(
      fc.asyncProperty(samples, async ({ xs, mask, ends, ahead }) => {
        await checkPrimitive(engines, {
          xs,
          fixed: { mask },
          run: ({ queries, keys, values, mask: all }) => attend(queries!, keys!, values!, runsOf(all!, ends, ahead)),
        });
      }),
      { numRuns: 20 },
    );
  });

  it('is the mean of the values that a query sees, weighted by exp(q k / sqrt(hd))', async () => {
    const given = {
      queries: float32([1, 1, 2, 4], [1, 0, 0, 0, 2, 0, 0, 0]),
      keys: float32([1, 1, 2, 4], [3, 0, 0, 0, 1, 0, 0, 0]),
      values: float32([1, 1, 2, 4], [1, 2, 3, 4, 5, 6, 7, 8]),
      mask: float32([1, 1, 2, 2], maskValues(2, 0)),
    };
    const { compiled, eager } = await engines.run(
      ({ queries, keys, values, mask }) => ({
        mixed: attend(queries!, keys!, values!, runsOf(mask!, [1, 2], 0)),
      }),
      given,
    );
    const [first, second] = [Math.exp(3), Math.exp(1)];
    const mean = (a: number, b: number) => (first * a + second * b) / (first + second);
    const expected = float32([1, 1, 2, 4], [1, 2, 3, 4, mean(1, 5), mean(2, 6), mean(3, 7), mean(4, 8)]);
    for (const { mixed } of [compiled, eager]) expectClose(mixed, expected, 'mixed');
  });
});
