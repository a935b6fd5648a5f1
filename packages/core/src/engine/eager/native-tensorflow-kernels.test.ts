import { getKernel, getKernelsForBackend, type KernelFunc } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAllClose } from '../../../../../test/support/engine-closeness.ts';
import { elementwiseCases } from '../../../../../test/support/engine-elementwise-cases.ts';
import { nativeTensorflowProblem } from '../../../../../test/support/engine-kinds.ts';
import { runOnce } from '../../../../../test/support/engine-pair.ts';
import { productCases } from '../../../../../test/support/engine-product-cases.ts';
import { shapeCases } from '../../../../../test/support/engine-shape-cases.ts';
import type { Engine } from '../../contracts/index.ts';
import { createEagerEngine } from '../eager-engine.ts';
import { completeNativeKernels } from './native-tensorflow-kernels.ts';

/** The CPU backend gives integers, TensorFlow floats: the same numbers in another type. */
const knownDifference = 'division of floats rounded down';
const cases = [...elementwiseCases, ...productCases, ...shapeCases];

describe.skipIf(nativeTensorflowProblem)('the kernels of native TensorFlow', () => {
  let reference: Engine;
  let native: Engine;
  beforeAll(async () => {
    reference = await createEagerEngine();
    native = await createEagerEngine({ backend: 'tensorflow' });
  });
  afterAll(async () => {
    await native.dispose();
    await reference.dispose();
  });

  it.each(cases.filter(({ title }) => title !== knownDifference))(
    'agree with the CPU backend on $title',
    async ({ samples, tolerance }) => {
      await fc.assert(
        fc.asyncProperty(samples, async ({ inputs, run }) => {
          expectAllClose(await runOnce(native, run, inputs), await runOnce(reference, run, inputs), tolerance);
        }),
        { numRuns: 8 },
      );
    },
  );

  it(`differ from the CPU backend on ${knownDifference} in nothing but the type`, async () => {
    const { samples } = cases.find(({ title }) => title === knownDifference)!;
    await fc.assert(
      fc.asyncProperty(samples, async ({ inputs, run }) => {
        const [ours, theirs] = [await runOnce(native, run, inputs), await runOnce(reference, run, inputs)];
        for (const [name, { data, dtype }] of Object.entries(ours)) {
          expect([dtype, theirs[name]!.dtype]).toEqual(['float32', 'int32']);
          expect(Int32Array.from(data)).toEqual(theirs[name]!.data);
        }
      }),
      { numRuns: 8 },
    );
  });

  it('are all that the CPU backend has', () => {
    const known = getKernelsForBackend('cpu').map(({ kernelName }) => kernelName);
    expect(known.length).toBeGreaterThan(100);
    expect(known.filter((name) => getKernel(name, 'tensorflow') === undefined)).toEqual([]);
  });

  it('are completed once, however many engines there are', () => {
    const kernel = (): KernelFunc => getKernel('GatherV2', 'tensorflow').kernelFunc;
    const before = kernel();
    completeNativeKernels();
    expect(kernel()).toBe(before);
  });
});
