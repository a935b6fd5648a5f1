/**
 * The backend `wasm`: TensorFlow.js's kernels in WebAssembly, from the optional package `@tensorflow/tfjs-backend-wasm`,
 * on one thread. The package's binaries are taken from where it lies. Kernels that it lacks are added.
 */
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { engine, env, type KernelBackend } from '@tensorflow/tfjs-core';
import { TransfuseError } from '../../errors/index.ts';
import { adoptBackend, isReady } from './adopt-backend.ts';
import { borrowKernels } from './borrowed-kernels.ts';
import { missingPackage } from './missing-package.ts';
import { completeWasmKernels } from './wasm-kernels.ts';

const packageName = '@tensorflow/tfjs-backend-wasm';

let loading: Promise<void> | undefined;

/** Loads the backend, once. Throws `engine.unavailable` where the package is missing or does not start. */
export async function loadWasm(): Promise<void> {
  loading ??= start();
  try {
    await loading;
  } catch (error) {
    loading = undefined; // the next one may find the package
    throw error;
  }
}

/** What its kernels are compiled for. Only after {@link loadWasm}. */
export function describeWasm(): string {
  return env().getBool('WASM_HAS_SIMD_SUPPORT') ? 'SIMD' : 'no SIMD';
}

async function start(): Promise<void> {
  await import('@tensorflow/tfjs-backend-cpu');
  if (!isReady('wasm')) {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm').catch((cause: unknown) => {
      throw missingPackage('wasm', [packageName], cause);
    });
    await (engine() as unknown as { readonly pendingBackendInit?: Promise<unknown> }).pendingBackendInit;
    if (!isReady('wasm')) {
      setWasmPaths(`${dirname(createRequire(import.meta.url).resolve(packageName))}${sep}`);
      adoptBackend('wasm', await startModule());
    }
  }
  completeWasmKernels();
  borrowKernels('wasm');
}

async function startModule(): Promise<KernelBackend> {
  try {
    return await engine().registryFactory['wasm']!.factory();
  } catch (cause) {
    throw new TransfuseError({
      code: 'engine.unavailable',
      place: 'engine.backend wasm',
      found: `a WebAssembly module that does not start (${(cause as Error).message})`,
      expected: `${packageName} 4.22 with its .wasm files`,
      mend: `Install it again (npm install ${packageName}@4.22.0), or choose another engine.`,
      cause,
    });
  }
}
