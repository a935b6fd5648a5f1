import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { floats, shapes } from '../../../../../test/support/engine-arbitraries.ts';
import { expectClose } from '../../../../../test/support/engine-closeness.ts';
import { float32 } from '../../../../../test/support/engine-host-tensor.ts';
import { createEnginePair, type EnginePair } from '../../../../../test/support/engine-pair.ts';
import { checkPrimitive } from '../../../../../test/support/engine-primitive-check.ts';
import { rmsNormalize } from './rms-normalize.ts';

let engines: EnginePair;
beforeAll(async () => {
  engines = await createEnginePair();
});
afterAll(() => engines.dispose());

describe('rmsNormalize', () => {
  it('is the same on both engines and has the gradient of its forward pass, for any shape', async () => {
    const away = (shape: readonly number[]) =>
      floats(shape, { min: -2, max: 2 }).map((x) => ({ ...x, data: x.data.map((v) => v + (v < 0 ? -0.5 : 0.5)) }));
    const samples = fc.tuple(shapes({ minRank: 1 }).chain(away), fc.constantFrom(1e-6, 1e-5, 0.5));
    await fc.assert(
      fc.asyncProperty(samples, async ([x, epsilon]) => {
        await checkPrimitive(engines, { xs: { x }, run: (given) => rmsNormalize(given['x']!, epsilon) });
      }),
      { numRuns: 12 },
    );
  });

  it('divides each row by its root mean square', async () => {
    const x = float32([2, 2], [3, 4, -0.5, 0.5]); // mean squares 12.5 and 0.25
    const { compiled, eager } = await engines.run(({ x: rows }) => ({ y: rmsNormalize(rows!, 0) }), { x });
    const expected = float32([2, 2], [3 / Math.sqrt(12.5), 4 / Math.sqrt(12.5), -1, 1]);
    expectClose(eager['y'], expected, 'eager');
    expectClose(compiled['y'], expected, 'compiled');
  });

  it('adds epsilon to the mean square, so that a row of zeros stays zero', async () => {
    const x = float32([2, 2], [0, 0, 1, 1]);
    const { compiled, eager } = await engines.run(({ x: rows }) => ({ y: rmsNormalize(rows!, 3) }), { x });
    for (const { y } of [compiled, eager]) expectClose(y, float32([2, 2], [0, 0, 0.5, 0.5]), 'y');
  });
});
