/**
 * Lends the kernels of TensorFlow.js's CPU backend to a backend that lacks them: inputs are read back, the kernel runs in
 * JavaScript, and the results are written to the borrowing backend. Slow, and right; better than a function that runs on
 * one backend and not on another.
 */
import {
  type BackendValues,
  engine,
  getKernel,
  getKernelsForBackend,
  type KernelBackend,
  type KernelConfig,
  type KernelFunc,
  type NamedTensorInfoMap,
  type NamedTensorMap,
  registerKernel,
  type Tensor,
  tensor,
  type TensorInfo,
  tidy,
} from '@tensorflow/tfjs-core';
import { withBackend } from '../with-backend.ts';
import { quietCpuBackend } from './quiet-cpu-backend.ts';

/** Registers, for a backend, every kernel that the CPU backend has and it lacks; both must be loaded. */
export function borrowKernels(borrower: string): void {
  const missing = getKernelsForBackend('cpu').filter(({ kernelName }) => getKernel(kernelName, borrower) === undefined);
  if (missing.length > 0) quietCpuBackend();
  for (const { kernelName } of missing) registerKernel(borrowedKernel(kernelName, borrower));
}

/** A kernel for a backend that the CPU backend computes. */
export function borrowedKernel(kernelName: string, borrower: string): KernelConfig {
  const kernelFunc: KernelFunc = ({ inputs, attrs, backend }) => {
    const there = backend as KernelBackend;
    const results = withBackend('cpu', () =>
      tidy(() => {
        const outputs = engine().runKernel(kernelName, copyAll(inputs, there), attrs);
        return (Array.isArray(outputs) ? outputs : [outputs]).map((output) => ({
          shape: output.shape,
          dtype: output.dtype,
          values: ofType(output.dtype, output.dataSync()),
        }));
      }),
    );
    const written = results.map(({ shape, dtype, values }) => ({
      shape,
      dtype,
      dataId: there.write(values, shape, dtype),
    }));
    return written.length === 1 ? written[0]! : written;
  };
  return { kernelName, backendName: borrower, kernelFunc };
}

/** The same values on the active backend, under the same names; kernels that take a list have numbers for names. */
function copyAll(inputs: NamedTensorInfoMap, from: KernelBackend): NamedTensorMap {
  const copies = Object.entries(inputs)
    .filter(([, input]) => input !== undefined)
    .map(([name, input]) => [name, copy(input as TensorInfo, from)] as const);
  // TensorFlow.js types a list of inputs as a map, too.
  const result: unknown = Array.isArray(inputs) ? copies.map(([, input]) => input) : Object.fromEntries(copies);
  return result as NamedTensorMap;
}

function copy({ dataId, shape, dtype }: TensorInfo, from: KernelBackend): Tensor {
  return tensor(from.readSync(dataId) as Float32Array, shape, dtype);
}

/** A copy in the array that belongs to the type: some kernels of the CPU backend hold integers in an array of floats. */
function ofType(dtype: string, values: ArrayLike<number>): BackendValues {
  if (dtype === 'int32') return Int32Array.from(values);
  if (dtype === 'float32') return Float32Array.from(values);
  return (values as Uint8Array).slice();
}
