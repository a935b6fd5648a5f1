/**
 * Replaces kernels of a backend by better ones, or, under a condition, by those of the CPU backend. One replacement may
 * wrap another; who replaces them sees to it that it happens once.
 */
import { getKernel, type KernelFunc, registerKernel, type TensorInfo, unregisterKernel } from '@tensorflow/tfjs-core';
import { borrowedKernel } from './borrowed-kernels.ts';

/** One call of a kernel, as a condition sees it. */
export interface KernelCall {
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** Puts a kernel in the place of the one that the backend has; does nothing where it has none. */
export function replaceKernel(
  backend: string,
  kernelName: string,
  replace: (original: KernelFunc) => KernelFunc,
): void {
  const config = getKernel(kernelName, backend);
  if (config === undefined) return;
  unregisterKernel(kernelName, backend);
  registerKernel({ ...config, kernelFunc: replace(config.kernelFunc) });
}

/** Registers a kernel that the backend has not; does nothing where it has one. */
export function addKernel(backend: string, kernelName: string, kernelFunc: KernelFunc): void {
  if (getKernel(kernelName, backend) === undefined) registerKernel({ kernelName, backendName: backend, kernelFunc });
}

/** Lets the CPU backend compute the calls of a kernel that meet a condition. */
export function borrowWhere(backend: string, kernelName: string, condition: (call: KernelCall) => boolean): void {
  replaceKernel(backend, kernelName, (original) => {
    const { kernelFunc } = borrowedKernel(kernelName, backend);
    return (call) => (condition(call as unknown as KernelCall) ? kernelFunc(call) : original(call));
  });
}
