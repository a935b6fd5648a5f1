/**
 * Gets a TensorFlow.js backend ready by its name, and leaves chosen whichever backend was. TensorFlow.js itself only
 * knows backends that some imported package has registered; four are loaded here on demand: `cpu`, `tensorflow`,
 * `wasm` and `webgpu`.
 */
import { engine as tensorflow, findBackend, setBackend, version_core } from '@tensorflow/tfjs-core';
import { TransfuseError } from '../../errors/index.ts';
import { describeNativeTensorflow, loadNativeTensorflow } from './native-tensorflow.ts';
import { quietCpuBackend } from './quiet-cpu-backend.ts';
import { describeWasm, loadWasm } from './wasm-backend.ts';
import { acquireWebgpu } from './webgpu-backend.ts';

/** A backend in use. */
export interface LoadedBackend {
  /** What will run, for logs: `TensorFlow.js 4.22.0, backend cpu`. */
  readonly description: string;
  /** Throws `engine.failed` where the device reported, since the last call, that it could not do what it was asked. */
  check(): void;
  /** Ends the use; what only this backend needs is given back with the last one. */
  release(): void;
}

/** Loads and initialises a backend. Throws `engine.unavailable` where it cannot. */
export async function loadBackend(backend: string): Promise<LoadedBackend> {
  const description = `TensorFlow.js ${version_core}, backend ${backend}`;
  const lasting = (more?: string): LoadedBackend => ({
    description: more === undefined ? description : `${description}, ${more}`,
    check() {},
    release() {},
  });
  if (backend === 'webgpu') {
    const { device, ...use } = await acquireWebgpu();
    return { ...use, description: `${description}, ${device}` };
  }
  if (backend === 'wasm') {
    await loadWasm();
    return lasting(describeWasm());
  }
  // The native package brings a CPU backend of its own copy of TensorFlow.js, if there is none.
  const needsCpu = backend === 'cpu' || backend === 'tensorflow';
  if (needsCpu && !findBackend('cpu')) await import('@tensorflow/tfjs-backend-cpu');
  if (backend === 'tensorflow') loadNativeTensorflow();
  await initialize(backend);
  if (backend === 'cpu') quietCpuBackend();
  if (backend !== 'tensorflow') return lasting();
  const { version, device } = describeNativeTensorflow();
  return lasting(`TensorFlow ${version}, ${device}`);
}

async function initialize(backend: string): Promise<void> {
  if (tensorflow().registryFactory[backend] === undefined) throw unknown(backend);
  const previous = tensorflow().backendName;
  const choosing = setBackend(backend);
  // Most backends are there at once; then nothing may run before the previous one is chosen again.
  const chosen = tensorflow().registry[backend] !== undefined || (await choosing);
  if (previous && previous !== backend) void setBackend(previous);
  if (!chosen) throw unknown(backend);
}

function unknown(backend: string): TransfuseError {
  return new TransfuseError({
    code: 'engine.unavailable',
    place: `engine.backend ${backend}`,
    found: 'no such TensorFlow.js backend',
    expected: 'cpu, wasm, webgpu, tensorflow, or a backend registered before the engine is created',
    mend: 'Import the package that registers the backend first, or choose backend "cpu".',
  });
}
