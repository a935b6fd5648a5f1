/**
 * Loads native TensorFlow into TensorFlow.js: the package `@tensorflow/tfjs-node` (or `-gpu`), from wherever it lies,
 * with its binding. Loading it registers the backend `tensorflow`. A package in another folder brings its own copy of
 * TensorFlow.js; copies share one registry through the global object, so its backend and kernels serve this one too.
 */
import { createRequire } from 'node:module';
import util from 'node:util';
import {
  engine,
  env,
  findBackend,
  getGradient,
  getKernelsForBackend,
  registerGradient,
  registerKernel,
  setBackend,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { TransfuseError } from '../../errors/index.ts';
import { completeNativeKernels } from './native-tensorflow-kernels.ts';
import {
  findNativeTensorflow,
  type NativeTensorflowPlace,
  nativeTensorflowVariable,
} from './native-tensorflow-places.ts';

/** What runs beneath the backend `tensorflow`. */
export interface NativeTensorflow {
  /** The version of the TensorFlow library, for example `2.21.0`. */
  readonly version: string;
  /** Where it computes. */
  readonly device: 'cpu' | 'gpu';
}

/**
 * Loads the best package that loads, so that `setBackend('tensorflow')` succeeds; does nothing where that backend is
 * registered already. Throws `engine.unavailable` where none loads, with how to mend it.
 */
export function loadNativeTensorflow(): void {
  if (findBackend('tensorflow')) return completeNativeKernels();
  const places = findNativeTensorflow();
  const failures: TransfuseError[] = [];
  for (const place of places) {
    try {
      loadPackage(place);
      return completeNativeKernels();
    } catch (cause) {
      failures.push(unloadable(place, cause));
    }
  }
  throw failures[0] ?? notFound();
}

/** What the backend `tensorflow` runs on. Only after {@link loadNativeTensorflow}. */
export function describeNativeTensorflow(): NativeTensorflow {
  const backend = findBackend('tensorflow') as unknown as {
    readonly isUsingGpuDevice?: boolean;
    readonly binding?: { readonly TF_Version?: string };
  };
  return { version: backend.binding?.TF_Version ?? 'unknown', device: backend.isUsingGpuDevice ? 'gpu' : 'cpu' };
}

function loadPackage(place: NativeTensorflowPlace): void {
  if (!place.built) throw new Error('the package has no compiled binding');
  provideRemovedFunctions();
  // TensorFlow writes how it was compiled to standard error at its first use, unless told to keep to warnings.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '1';
  const previous = engine().backendName;
  const flags = env();
  const before = flags.getBool('PROD');
  flags.set('PROD', true); // a second copy of TensorFlow.js warns of every kernel that both register
  const restore = rememberKernels();
  try {
    createRequire(import.meta.url)(place.folder);
  } finally {
    restore();
    flags.set('PROD', before);
    if (previous) void setBackend(previous); // the package chooses its own
  }
  if (!findBackend('tensorflow')) throw new Error('it registered no backend where this TensorFlow.js looks');
}

/**
 * A second copy of TensorFlow.js registers its kernels and gradients over those of the first, but not its backends; and some
 * kernels know the buffers of their own copy only. Returns what puts the first ones back.
 */
function rememberKernels(): () => void {
  const kernels = engine().backendNames().flatMap(getKernelsForBackend);
  const names = new Set(kernels.map(({ kernelName }) => kernelName));
  const gradients = [...names].flatMap((name) => getGradient(name) ?? []);
  return () => {
    for (const kernel of kernels) {
      unregisterKernel(kernel.kernelName, kernel.backendName);
      registerKernel(kernel);
    }
    for (const gradient of gradients) registerGradient(gradient);
  };
}

/**
 * Node.js 23 removed functions of `node:util` that were long deprecated, among them two that tfjs-node 4.22 calls.
 * They are put back, where they are missing, under their old names and with their old meaning.
 */
function provideRemovedFunctions(): void {
  const removed = {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: (value: unknown) => Array.isArray(value),
  };
  for (const [name, value] of Object.entries(removed)) {
    if (!(name in util)) Object.defineProperty(util, name, { value, configurable: true, writable: true });
  }
}

function notFound(): TransfuseError {
  const named = process.env[nativeTensorflowVariable];
  return new TransfuseError({
    code: 'engine.unavailable',
    place: named ? nativeTensorflowVariable : 'engine.backend tensorflow',
    found: named ? `no @tensorflow/tfjs-node (or -gpu) in ${named}` : 'no @tensorflow/tfjs-node (or -gpu) installed',
    expected: 'native TensorFlow for Node.js',
    mend: 'Run `npx transfuse setup tfjs-node`, or choose another engine or the backend "cpu".',
  });
}

function unloadable({ name, version, folder }: NativeTensorflowPlace, cause: unknown): TransfuseError {
  const [problem = ''] = (cause instanceof Error ? cause.message : String(cause)).trim().split('\n');
  return new TransfuseError({
    code: 'engine.unavailable',
    place: `${name} ${version} in ${folder}`,
    found: `that it does not load (${problem})`,
    expected: 'a package whose binding fits this machine and the TensorFlow library it was built against',
    mend: 'Run `npx transfuse setup tfjs-node` to build it anew, or choose another engine or the backend "cpu".',
    cause,
  });
}
