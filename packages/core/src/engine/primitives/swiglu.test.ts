import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { floats, shapes } from '../../../../../test/support/engine-arbitraries.ts';
import { expectClose } from '../../../../../test/support/engine-closeness.ts';
import { float32 } from '../../../../../test/support/engine-host-tensor.ts';
import { createEnginePair, type EnginePair } from '../../../../../test/support/engine-pair.ts';
import { checkPrimitive } from '../../../../../test/support/engine-primitive-check.ts';
import { swiglu } from './swiglu.ts';

let engines: EnginePair;
beforeAll(async () => {
  engines = await createEnginePair();
});
afterAll(() => engines.dispose());

describe('swiglu', () => {
  it('is the same on both engines and has the gradient of its forward pass, for any shape', async () => {
    const samples = shapes().chain((shape) => fc.record({ gate: floats(shape), value: floats(shape) }));
    await fc.assert(
      fc.asyncProperty(samples, async (xs) => {
        await checkPrimitive(engines, { xs, run: ({ gate, value }) => swiglu(gate!, value!) });
      }),
      { numRuns: 12 },
    );
  });

  it('is value * gate / (1 + exp(-gate))', async () => {
    const gate = float32([4], [0, 1, -1, 30]);
    const value = float32([4], [5, 2, 2, -3]);
    const { compiled, eager } = await engines.run(({ gate: g, value: v }) => ({ y: swiglu(g!, v!) }), { gate, value });
    const expected = float32([4], [0, 2 / (1 + Math.exp(-1)), -2 / (1 + Math.E), -90]);
    for (const { y } of [compiled, eager]) expectClose(y, expected, 'y');
  });
});
