import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { floats, integers } from '../../../../../test/support/engine-arbitraries.ts';
import { expectClose } from '../../../../../test/support/engine-closeness.ts';
import { float32, int32 } from '../../../../../test/support/engine-host-tensor.ts';
import { createEnginePair, type EnginePair } from '../../../../../test/support/engine-pair.ts';
import { checkPrimitive } from '../../../../../test/support/engine-primitive-check.ts';
import { crossEntropy } from './cross-entropy.ts';

let engines: EnginePair;
beforeAll(async () => {
  engines = await createEnginePair();
});
afterAll(() => engines.dispose());

describe('crossEntropy', () => {
  it('is the same on both engines and has the gradient of its forward pass, for any size', async () => {
    const samples = fc
      .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 }))
      .chain(([positions, vocabulary]) =>
        fc.record({
          logits: floats([positions, vocabulary], { min: -3, max: 3 }),
          targets: integers([positions], { min: 0, max: vocabulary - 1 }),
        }),
      );
    await fc.assert(
      fc.asyncProperty(samples, async ({ logits, targets }) => {
        await checkPrimitive(engines, {
          xs: { logits },
          fixed: { targets },
          run: (given) => crossEntropy(given['logits']!, given['targets']!),
        });
      }),
      { numRuns: 12 },
    );
  });

  it('is the logarithm of the vocabulary size where all logits are equal', async () => {
    const { compiled, eager } = await engines.run(
      ({ logits, targets }) => ({ loss: crossEntropy(logits!, targets!) }),
      {
        logits: float32([2, 4], [0, 0, 0, 0, 7, 7, 7, 7]),
        targets: int32([2], [3, 0]),
      },
    );
    for (const { loss } of [compiled, eager]) expectClose(loss, float32([2], [Math.log(4), Math.log(4)]), 'loss');
  });

  it('shifts each position by its own largest logit, so that one position far above another does not drown it', async () => {
    const { compiled, eager } = await engines.run(
      ({ logits, targets }) => ({ loss: crossEntropy(logits!, targets!) }),
      {
        logits: float32([3, 2], [1e4, 1e4, -1e4, -1e4, 100, -100]),
        targets: int32([3], [0, 1, 1]),
      },
    );
    for (const { loss } of [compiled, eager]) expectClose(loss, float32([3], [Math.LN2, Math.LN2, 200]), 'loss');
  });
});
