/**
 * What the backend `webgpu` cannot do, refused by name. A kernel of the CPU backend cannot be lent to it, nor can a
 * kernel look at values: WebGPU gives values only to a program that goes on with something else meanwhile.
 */
import {
  getKernel,
  getKernelsForBackend,
  type KernelBackend,
  registerKernel,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { TransfuseError } from '../../errors/index.ts';

/** Kernels of the package that compute something else, or whose shader no device takes. */
const broken = ['CropAndResize', 'DenseBincount'];

/** Registers a refusal for every kernel that the CPU backend has and this one lacks; both packages must be loaded. */
export function refuseMissingKernels(): void {
  for (const kernelName of broken) unregisterKernel(kernelName, 'webgpu');
  for (const { kernelName } of getKernelsForBackend('cpu')) {
    if (getKernel(kernelName, 'webgpu') !== undefined) continue;
    registerKernel({
      kernelName,
      backendName: 'webgpu',
      kernelFunc() {
        throw refusal(`kernel ${kernelName}`, 'an operation that TensorFlow.js’s webgpu backend lacks, or gets wrong');
      },
    });
  }
}

/** Lets a backend refuse to wait for values that are on the device. */
export function refuseWaiting(backend: KernelBackend): void {
  const readSync = backend.readSync.bind(backend);
  const { tensorMap } = backend as unknown as {
    readonly tensorMap: { get(id: object): { readonly values?: unknown; readonly dtype: string } | undefined };
  };
  backend.readSync = (id) => {
    const held = tensorMap.get(id);
    if (held !== undefined && held.dtype !== 'complex64' && (held.values === undefined || held.values === null)) {
      throw refusal('dataSync', 'values that are on the device, asked for at once');
    }
    return readSync(id);
  };
}

function refusal(place: string, found: string): TransfuseError {
  return new TransfuseError({
    code: 'engine.unsupported-op',
    place: `engine.backend webgpu, ${place}`,
    found,
    expected: 'operations that compute on the device alone',
    mend: 'Choose the compiled engine or the backend "wasm", or write the function with other operations.',
  });
}
