import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { allCases } from '../../../../../test/support/engine-all-cases.ts';
import { elementwiseCases } from '../../../../../test/support/engine-elementwise-cases.ts';
import { describeKernelCases } from '../../../../../test/support/engine-kernel-cases.ts';
import { productCases } from '../../../../../test/support/engine-product-cases.ts';
import { shapeCases } from '../../../../../test/support/engine-shape-cases.ts';
import { traceBackendName } from './trace-backend.ts';
import { untracedKernels } from './untraced-kernels.ts';

describeKernelCases([...elementwiseCases, ...productCases, ...shapeCases]);

const registered = () => tf.getKernelsForBackend(traceBackendName).map(({ kernelName }) => kernelName);

/** Every kernel of TensorFlow.js: its core package exports their names. */
const known = Object.entries(tf)
  .filter(
    ([name, value]) =>
      typeof value === 'string' && /^_?[A-Z]/.test(name) && name.replace('_', '') === value.replace('_', ''),
  )
  .map(([, value]) => value as unknown as string);

describe('the tables of kernels', () => {
  it('test every kernel that is registered for tracing', () => {
    const covered = new Set(allCases.flatMap(({ kernels }) => kernels));
    expect(registered().filter((name) => !covered.has(name))).toEqual([]);
  });

  it('decide on every kernel of TensorFlow.js, each once', () => {
    expect(known.length).toBeGreaterThan(170);
    const decided = [...registered(), ...Object.keys(untracedKernels)];
    expect(known.filter((name) => !decided.includes(name))).toEqual([]);
    expect(decided.filter((name, index) => decided.indexOf(name) !== index)).toEqual([]);
    expect(decided.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('say of every kernel that is not traced why, and what to do instead', () => {
    for (const [name, { reason, instead }] of Object.entries(untracedKernels)) {
      expect(reason, name).toMatch(/^[a-z].{15,}[^.]$/);
      expect(instead, name).toMatch(/^[A-Z].{15,}[^.]$/);
    }
  });
});
