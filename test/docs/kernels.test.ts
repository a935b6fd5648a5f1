// Keeps docs/kernels.md true: its table is made from what is registered for tracing, from the table of kernels that are
// not traced, and from the test cases, traced and watched.
import { readFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { traceBackendName } from '../../packages/core/src/engine/trace/trace-backend.ts';
import { differentiatedKernels, gradientsNotTaken, withFreshTable } from './kernels-table.ts';

const page = await readFile(new URL('../../docs/kernels.md', import.meta.url), 'utf8');
const differentiated = await differentiatedKernels();

describe('docs/kernels.md', () => {
  it('has a table as fresh as the code it is made from', async () => {
    await expect(withFreshTable(page, differentiated)).toMatchFileSnapshot('../../docs/kernels.md');
  });

  it('has a row for every kernel that is traced', () => {
    const names = tf.getKernelsForBackend(traceBackendName).map(({ kernelName }) => kernelName);
    expect(names.filter((name) => !page.includes(`| \`${name}\` | yes |`))).toEqual([]);
  });

  it('leaves no gradient of a traced kernel untested, but for those with a reason', () => {
    const names = tf.getKernelsForBackend(traceBackendName).map(({ kernelName }) => kernelName);
    const untested = names.filter((name) => tf.getGradient(name) !== undefined && !differentiated.has(name));
    expect(untested.sort()).toEqual(Object.keys(gradientsNotTaken).sort());
  });
});
