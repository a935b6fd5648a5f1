/** Turns a table of kernel cases into tests: the property of each, and that it calls the kernels it names. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { traceBackendName } from '../../packages/core/src/engine/trace/trace-backend.ts';
import { expectAllClose } from './engine-closeness.ts';
import type { KernelCase } from './engine-kernel-case.ts';
import { createEnginePair, type EnginePair, runOnce } from './engine-pair.ts';

const numRuns = Number(process.env['TRANSFUSE_PROPERTY_RUNS'] ?? 8);

/** Registers the tests of a table with vitest. */
export function describeKernelCases(cases: readonly KernelCase[]): void {
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
    it.each(cases)('call the kernels they name: $title', async ({ kernels, samples }) => {
      const [sample] = fc.sample(samples, { numRuns: 1, seed: 1 });
      const { called } = await watchKernels(() => runOnce(engines.compiled, sample!.run, sample!.inputs));
      expect([...called]).toEqual(expect.arrayContaining([...kernels]));
    });
  });
}

/** Runs `act` and tells which recorded kernels it called, and of which kernels it took the gradient. */
export async function watchKernels(
  act: () => unknown,
): Promise<{ readonly called: ReadonlySet<string>; readonly differentiated: ReadonlySet<string> }> {
  const called = new Set<string>();
  const differentiated = new Set<string>();
  const spies = tf.getKernelsForBackend(traceBackendName).flatMap((config) => {
    const { kernelName, kernelFunc } = config;
    const kernelSpy = vi.spyOn(config, 'kernelFunc').mockImplementation((call) => {
      called.add(kernelName);
      return kernelFunc(call);
    });
    const gradient = tf.getGradient(kernelName);
    if (gradient === undefined) return [kernelSpy];
    const { gradFunc } = gradient;
    const gradientSpy = vi.spyOn(gradient, 'gradFunc').mockImplementation((...call) => {
      differentiated.add(kernelName);
      return gradFunc(...call);
    });
    return [kernelSpy, gradientSpy];
  });
  try {
    await act();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return { called, differentiated };
}
