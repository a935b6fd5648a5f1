// Makes the table of docs/kernels.md: every kernel of TensorFlow.js with what the compiled engine does with it. What is
// traced is what is registered; a gradient counts as traced where a test case took it, watched while the case is traced.
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { traceBackendName } from '../../packages/core/src/engine/trace/trace-backend.ts';
import { traceFunction } from '../../packages/core/src/engine/trace/trace-function.ts';
import { untracedKernels } from '../../packages/core/src/engine/trace/untraced-kernels.ts';
import { allCases } from '../support/engine-all-cases.ts';
import { watchKernels } from '../support/engine-kernel-cases.ts';

/** What is to be known of a kernel beyond its row. */
const notes: Readonly<Record<string, string>> = {
  AvgPool3DGrad: 'Divides by the elements inside of the image; the CPU backend divides by the size of the window.',
  AvgPoolGrad: 'Divides by the elements inside of the image; the CPU backend divides by the size of the window.',
  Bincount: 'Negative numbers are not noticed.',
  Conv2D: 'TensorFlow.js takes no gradient of dilated ones.',
  Conv3D: 'TensorFlow.js takes no gradient of dilated ones.',
  CropAndResize: 'Boxes must name images that exist.',
  Cumsum: 'The gradient of TensorFlow.js is right along the last axis only.',
  DenseBincount: 'Negative numbers are not noticed.',
  DepthToSpace: 'Has no gradient in TensorFlow.js: write it as reshape, transpose, reshape to train through it.',
  DepthwiseConv2dNative: 'TensorFlow.js takes no gradient of dilated ones.',
  DepthwiseConv2dNativeBackpropFilter: 'The CPU backend leaves dilations out.',
  DepthwiseConv2dNativeBackpropInput: 'The CPU backend leaves dilations out.',
  GatherV2: 'The gradient of TensorFlow.js fails in Node with `batchDims`, for want of its chained operations.',
  MaxPool3DGrad: 'Goes to the first of equal maxima; the CPU backend takes the last one and cubes only.',
  MaxPoolGrad: 'Goes to the first of equal maxima.',
  MirrorPad: 'The gradient of TensorFlow.js leaves out what was mirrored.',
  NonMaxSuppressionV4: 'With `padToMaxOutputSize` only: the size of the result is fixed.',
  ResizeBilinearGrad: 'In every coordinate mode; the CPU backend leaves out half pixels and mixes up sides of oblongs.',
  ResizeNearestNeighborGrad: 'In every coordinate mode; the CPU backend leaves out half pixels and mixes up images.',
  TensorScatterUpdate: 'Which of equal positions wins is not defined.',
};

/** Kernels with a gradient in TensorFlow.js that no case takes, each with the reason. */
export const gradientsNotTaken: Readonly<Record<string, string>> = {
  Prod: 'The gradient of TensorFlow.js fails in Node, for want of its chained operations: take tf.exp of a sum of tf.log.',
};

/** Every kernel name of TensorFlow.js's core package. */
function kernelNames(): string[] {
  const isKernel = ([name, value]: [string, unknown]) =>
    typeof value === 'string' && /^_?[A-Z]/.test(name) && name.replace('_', '') === value.replace('_', '');
  return Object.entries(tf)
    .filter(isKernel)
    .map(([, value]) => value as unknown as string)
    .sort((a, b) => a.replace('_', '').localeCompare(b.replace('_', '')));
}

/** The kernels of which some case took the gradient while it was traced. */
export async function differentiatedKernels(): Promise<ReadonlySet<string>> {
  const { differentiated } = await watchKernels(() => {
    for (const { samples } of allCases) {
      for (const { inputs, run } of fc.sample(samples, { numRuns: 4, seed: 1 })) {
        traceFunction((_, given) => ({ outputs: run(given) }), { name: 'case', inputs, stores: {}, constants: {} });
      }
    }
  });
  return differentiated;
}

/** The page with the table between `<!-- table: kernels -->` and `<!-- end -->` made afresh. */
export function withFreshTable(page: string, differentiated: ReadonlySet<string>): string {
  const traced = new Set(tf.getKernelsForBackend(traceBackendName).map(({ kernelName }) => kernelName));
  const rows = kernelNames().map((name) => {
    const cases = allCases.filter(({ kernels }) => kernels.includes(name)).length;
    const reason = untracedKernels[name]?.reason ?? '';
    const note = [reason, gradientsNotTaken[name] ?? '', notes[name] ?? ''].find((text) => text !== '') ?? '';
    const gradient = differentiated.has(name) ? 'yes' : tf.getGradient(name) === undefined ? '' : 'no';
    const cells = [`\`${name}\``, traced.has(name) ? 'yes' : 'no', traced.has(name) ? gradient : '', cases || '', note];
    return `| ${cells.join(' | ')} |`;
  });
  const counts = `${traced.size} of ${rows.length} kernels are traced, ${[...differentiated].filter((name) => traced.has(name)).length} of them with a gradient that a test takes.`;
  const table = ['| kernel | traced | gradient | cases | note |', '| --- | --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
  return page.replace(/(<!-- table: kernels -->\n).*?(<!-- end -->)/s, (_, begin: string, end: string) =>
    [begin, counts, '', table, '', end].join('\n'),
  );
}
