import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { floats, integers } from '../../../../../test/support/engine-arbitraries.ts';
import { expectAllClose, expectClose } from '../../../../../test/support/engine-closeness.ts';
import { float32, int32 } from '../../../../../test/support/engine-host-tensor.ts';
import { createEnginePair, type EnginePair } from '../../../../../test/support/engine-pair.ts';
import { checkPrimitive } from '../../../../../test/support/engine-primitive-check.ts';
import { rotate } from './rotate.ts';

function table(positions: number, half: number) {
  const angles = Array.from({ length: positions * half }, (_, index) => Math.floor(index / half) / 3 ** (index % half));
  return {
    cosine: float32([positions, half], angles.map(Math.cos)),
    sine: float32([positions, half], angles.map(Math.sin)),
  };
}

const samples = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    length: fc.integer({ min: 1, max: 4 }),
    heads: fc.integer({ min: 1, max: 2 }),
    half: fc.integer({ min: 1, max: 3 }),
    known: fc.integer({ min: 4, max: 6 }),
  })
  .chain(({ batch, length, heads, half, known }) =>
    fc.record({
      x: floats([batch, length, heads, 2 * half], { min: -2, max: 2 }),
      positions: integers([batch, length], { min: 0, max: known - 1 }),
      table: fc.constant(table(known, half)),
    }),
  );

let engines: EnginePair;
beforeAll(async () => {
  engines = await createEnginePair();
});
afterAll(() => engines.dispose());

describe('rotate', () => {
  it('is the same on both engines and has the gradient of its forward pass, for any shape', async () => {
    await fc.assert(
      fc.asyncProperty(samples, async ({ x, positions, table: { cosine, sine } }) => {
        await checkPrimitive(engines, {
          xs: { x },
          fixed: { positions, cosine, sine },
          run: (given) => rotate(given['x']!, given['positions']!, { cosine: given['cosine']!, sine: given['sine']! }),
        });
      }),
      { numRuns: 12 },
    );
  });

  it('turns the pair of the first and the second half by the angle of the position', async () => {
    const { compiled, eager } = await engines.run(
      ({ x, positions, cosine, sine }) => ({ y: rotate(x!, positions!, { cosine: cosine!, sine: sine! }) }),
      {
        x: float32([1, 2, 1, 4], [1, 2, 3, 4, 1, 2, 3, 4]),
        positions: int32([1, 2], [1, 0]),
        cosine: float32([2, 2], [1, 1, 0, -1]), // position 1: a quarter turn for the first pair, a half turn for the second
        sine: float32([2, 2], [0, 0, 1, 0]),
      },
    );
    for (const { y } of [compiled, eager]) expectClose(y, float32([1, 2, 1, 4], [-3, -2, 1, -4, 1, 2, 3, 4]), 'y');
  });

  it('takes rows longer than the table, because packed documents count their positions from zero again', async () => {
    const { compiled, eager } = await engines.run(
      ({ x, positions, cosine, sine }) => ({ y: rotate(x!, positions!, { cosine: cosine!, sine: sine! }) }),
      { x: float32([1, 3, 1, 2], [1, 2, 3, 4, 5, 6]), positions: int32([1, 3], [0, 1, 0]), ...table(2, 1) },
    );
    expectAllClose(compiled, eager);
  });

  it('makes the product of a query and a key depend on the distance of their positions only', async () => {
    const { cosine, sine } = table(8, 2);
    const pair = float32([1, 2, 1, 4], [1, -2, 0.5, 3, 2, 1, -1, 0.25]);
    const product = async (positions: readonly number[]) => {
      const { compiled } = await engines.run(
        ({ x, positions: at, cosine: c, sine: s }) => ({ y: rotate(x!, at!, { cosine: c!, sine: s! }) }),
        { x: pair, positions: int32([1, 2], positions), cosine, sine },
      );
      const y = [...compiled['y']!.data];
      return y.slice(0, 4).reduce((sum, value, index) => sum + value * y[index + 4]!, 0);
    };
    expect(await product([7, 5])).toBeCloseTo(await product([2, 0]), 4);
    expect(Math.abs((await product([7, 4])) - (await product([2, 0])))).toBeGreaterThan(0.01);
  });
});
