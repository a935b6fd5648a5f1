import { grad, mul } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { floats } from '../../../../../test/support/engine-arbitraries.ts';
import { float32, int32 } from '../../../../../test/support/engine-host-tensor.ts';
import { createEnginePair, type EnginePair } from '../../../../../test/support/engine-pair.ts';
import { checkPrimitive } from '../../../../../test/support/engine-primitive-check.ts';
import { gatherRows, pickRows } from './gather-rows.ts';

/** A choice of distinct rows, some results left empty, with its inverse. */
const choices = fc
  .record({ rows: fc.integer({ min: 1, max: 5 }), empty: fc.nat(2), width: fc.integer({ min: 1, max: 3 }) })
  .chain(({ rows, empty, width }) =>
    fc
      .shuffledSubarray([...Array(rows).keys(), ...Array<number>(empty).fill(rows)], { minLength: 1 })
      .chain((picked) => fc.record({ x: floats([rows, width]), picked: fc.constant(picked) })),
  )
  .map(({ x, picked }) => {
    const source = Array.from({ length: x.shape[0]! }, (_, row) => picked.indexOf(row));
    return {
      x,
      rows: int32([picked.length], picked),
      inverse: int32(
        [source.length],
        source.map((at) => (at === -1 ? picked.length : at)),
      ),
    };
  });

let engines: EnginePair;
beforeAll(async () => {
  engines = await createEnginePair();
});
afterAll(() => engines.dispose());

describe('gatherRows', () => {
  it('is the same on both engines and has the gradient of its forward pass, for any choice', async () => {
    await fc.assert(
      fc.asyncProperty(choices, async ({ x, rows, inverse }) => {
        await checkPrimitive(engines, {
          xs: { x },
          fixed: { rows, inverse },
          run: (given) => gatherRows(given['x']!, given['rows']!, given['inverse']!),
        });
      }),
      { numRuns: 12 },
    );
  });

  it('puts a row of zeros where the choice says so', async () => {
    const { compiled, eager } = await engines.run(({ x, rows, inverse }) => ({ y: gatherRows(x!, rows!, inverse!) }), {
      x: float32([2, 2], [1, 2, 3, 4]),
      rows: int32([3], [1, 2, 0]),
      inverse: int32([2], [2, 0]),
    });
    for (const { y } of [compiled, eager]) expect([...y!.data]).toEqual([3, 4, 0, 0, 1, 2]);
  });
});

describe('pickRows', () => {
  it('is the same on both engines and has the gradient of its forward pass, for any order of all rows', async () => {
    const orders = fc.integer({ min: 1, max: 6 }).chain((rows) =>
      fc.record({
        x: floats([rows, 2]),
        picked: fc.shuffledSubarray([...Array(rows).keys()], { minLength: rows }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(orders, async ({ x, picked }) => {
        await checkPrimitive(engines, {
          xs: { x },
          fixed: {
            rows: int32([picked.length], picked),
            inverse: int32(
              [picked.length],
              picked.map((_, row) => picked.indexOf(row)),
            ),
          },
          run: (given) => pickRows(given['x']!, given['rows']!, given['inverse']!),
        });
      }),
      { numRuns: 8 },
    );
  });

  it('gives a row that is picked twice the gradient of the place that is its own', async () => {
    const { compiled, eager } = await engines.run(
      ({ x, rows, inverse, by }) => ({ y: grad((varied) => mul(pickRows(varied, rows!, inverse!), by!))(x!) }),
      {
        x: float32([2, 1], [5, 6]),
        rows: int32([3], [1, 0, 1]),
        inverse: int32([2], [1, 2]),
        by: float32([3, 1], [100, 10, 1]),
      },
    );
    for (const { y } of [compiled, eager]) expect([...y!.data]).toEqual([10, 1]);
  });
});
