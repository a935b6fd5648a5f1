/**
 * Gets a TensorFlow.js backend ready by its name, and leaves chosen whichever backend was. TensorFlow.js itself only
 * knows backends that some imported package has registered; two are loaded here on demand, `cpu` and `tensorflow`.
 */
import { engine as tensorflow, findBackend, setBackend, version_core } from '@tensorflow/tfjs-core';
import { TransfuseError } from '../../errors/index.ts';
import { describeNativeTensorflow, loadNativeTensorflow } from './native-tensorflow.ts';
import { quietCpuBackend } from './quiet-cpu-backend.ts';

/**
 * Loads and initialises a backend. Throws `engine.unavailable` where it cannot.
 *
 * @returns what will run, for logs: `TensorFlow.js 4.22.0, backend cpu`
 */
export async function loadBackend(backend: string): Promise<string> {
  if (backend === 'cpu' && !findBackend('cpu')) await import('@tensorflow/tfjs-backend-cpu');
  if (backend === 'tensorflow') loadNativeTensorflow();
  if (tensorflow().registryFactory[backend] === undefined) throw unknown(backend);
  const previous = tensorflow().backendName;
  const choosing = setBackend(backend);
  // Most backends are there at once; then nothing may run before the previous one is chosen again.
  const chosen = tensorflow().registry[backend] !== undefined || (await choosing);
  if (previous && previous !== backend) void setBackend(previous);
  if (!chosen) throw unknown(backend);
  if (backend === 'cpu') quietCpuBackend();
  const description = `TensorFlow.js ${version_core}, backend ${backend}`;
  if (backend !== 'tensorflow') return description;
  const { version, device } = describeNativeTensorflow();
  return `${description}, TensorFlow ${version}, ${device}`;
}

function unknown(backend: string): TransfuseError {
  return new TransfuseError({
    code: 'engine.unavailable',
    place: `engine.backend ${backend}`,
    found: 'no such TensorFlow.js backend',
    expected: 'cpu, tensorflow, or a backend registered before the engine is created',
    mend: 'Import the package that registers the backend first, or choose backend "cpu".',
  });
}
