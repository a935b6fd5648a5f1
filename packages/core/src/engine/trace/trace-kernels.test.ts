import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { expectAllClose } from '../../../../../test/support/engine-closeness.ts';
import { elementwiseCases } from '../../../../../test/support/engine-elementwise-cases.ts';
import { createEnginePair, type EnginePair, runOnce } from '../../../../../test/support/engine-pair.ts';
import { productCases } from '../../../../../test/support/engine-product-cases.ts';
import { shapeCases } from '../../../../../test/support/engine-shape-cases.ts';
import { traceBackendName } from './trace-backend.ts';

const cases = [...elementwiseCases, ...productCases, ...shapeCases];
const numRuns = Number(process.env['TRANSFUSE_PROPERTY_RUNS'] ?? 8);

let engines: EnginePair;
beforeAll(async () => {
  engines = await createEnginePair();
});
afterAll(() => engines.dispose());

describe('a recorded kernel', () => {
  it.each(cases)('agrees with the CPU backend on $title', async ({ samples, tolerance }) => {
    await fc.assert(
      fc.asyncProperty(samples, async ({ inputs, run }) => {
        const { compiled, eager } = await engines.run(run, inputs);
        expectAllClose(compiled, eager, tolerance);
      }),
      { numRuns },
    );
  });
});

describe('the cases above', () => {
  it('cover every kernel that is registered for tracing', () => {
    const registered = tf.getKernelsForBackend(traceBackendName).map(({ kernelName }) => kernelName);
    expect(registered.length).toBeGreaterThan(60);
    const covered = new Set(cases.flatMap(({ kernels }) => kernels));
    expect(registered.filter((name) => !covered.has(name))).toEqual([]);
  });

  it.each(cases)('call the kernels they name: $title', async ({ kernels, samples }) => {
    const called = new Set<string>();
    const spies = tf.getKernelsForBackend(traceBackendName).map((config) => {
      const original = config.kernelFunc;
      return vi.spyOn(config, 'kernelFunc').mockImplementation((call) => {
        called.add(config.kernelName);
        return original(call);
      });
    });
    try {
      const [sample] = fc.sample(samples, { numRuns: 1, seed: 1 });
      await runOnce(engines.compiled, sample!.run, sample!.inputs);
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
    expect([...called]).toEqual(expect.arrayContaining([...kernels]));
  });
});
