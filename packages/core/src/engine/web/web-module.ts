/**
 * Gets onnxruntime-web, an optional package, in the build that a provider needs: WebAssembly alone, or with WebGPU. Only
 * what is used of it is typed here, so that types of this package stand without it.
 */
import { TransfuseError } from '../../errors/index.ts';
import type { TensorSpec } from '../../contracts/tensors.ts';
import type { RuntimeSession, RuntimeTensor } from '../onnx-runtime.ts';

/** Where a browser computes: in WebAssembly on the processor, or on a graphics processor. */
export type BrowserProvider = 'wasm' | 'webgpu';

/** Where the files of onnxruntime-web lie: a folder's URL, or the URL of each file. */
export type WasmPaths = string | { readonly mjs?: string | URL; readonly wasm?: string | URL };

/** What is used of the package. */
export interface WebModule {
  readonly env: {
    readonly versions: { readonly web?: string; readonly common: string };
    readonly wasm: { numThreads?: number; wasmPaths?: WasmPaths };
  };
  readonly InferenceSession: {
    create(model: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<RuntimeSession>;
  };
  readonly Tensor: new (dtype: TensorSpec['dtype'], data: never, shape: readonly number[]) => RuntimeTensor;
}

/** The version that was tried with this package. */
const version = '1.30.0';

/** Loads the package's code, not yet its WebAssembly. Throws `engine.unavailable` where it is missing. */
export async function loadWebModule(provider: BrowserProvider): Promise<WebModule> {
  try {
    // Written out twice, because bundlers follow only names that they can read.
    const module: unknown =
      provider === 'wasm' ? await import('onnxruntime-web/wasm') : await import('onnxruntime-web/webgpu');
    return module as WebModule;
  } catch (cause) {
    throw new TransfuseError({
      code: 'engine.unavailable',
      place: `browser engine, provider ${provider}`,
      found: `that onnxruntime-web/${provider} does not load (${(cause as Error).message.split('\n')[0]})`,
      expected: 'the package onnxruntime-web',
      mend: `Run \`npm install onnxruntime-web@${version}\` and bundle again.`,
      cause,
    });
  }
}
