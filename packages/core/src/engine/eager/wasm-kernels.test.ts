import { getKernel, getKernelsForBackend } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { describeComparison } from '../../../../../test/support/engine-comparison.ts';
import { wasmKind } from '../../../../../test/support/engine-kinds.ts';

describeComparison('the eager engine on wasm', {
  create: wasmKind.create,
  samples: 8,
  // The CPU backend gives integers, all others floats: the same numbers in another type.
  known: { 'division of floats rounded down': /dtype|deeply equal/ },
});

it('the backend wasm has every kernel of the CPU backend', () => {
  const known = getKernelsForBackend('cpu').map(({ kernelName }) => kernelName);
  expect(known.length).toBeGreaterThan(100);
  expect(known.filter((name) => getKernel(name, 'wasm') === undefined)).toEqual([]);
});
