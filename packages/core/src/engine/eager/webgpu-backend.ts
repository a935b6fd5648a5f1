/**
 * The backend `webgpu`: TensorFlow.js's kernels as WebGPU shaders, from the optional package
 * `@tensorflow/tfjs-backend-webgpu`. It is set up with the first engine that uses it and goes with the last one, its
 * device too. Kernels that it lacks are refused, because WebGPU lets no program wait for values.
 */
import { type KernelBackend, removeBackend } from '@tensorflow/tfjs-core';
import { TransfuseError } from '../../errors/index.ts';
import { adoptBackend, isReady } from './adopt-backend.ts';
import { missingPackage } from './missing-package.ts';
import { correctWebgpuKernels } from './webgpu-kernels.ts';
import { refuseMissingKernels, refuseWaiting } from './webgpu-refusals.ts';
import { type GpuAdapter, type GpuDevice, provideWebgpu } from './webgpu-provision.ts';

/** A share in the backend. */
export interface WebgpuUse {
  /** What computes: `SwiftShader driver 5.0.0`. */
  readonly device: string;
  /** Throws `engine.failed` where the device reported an error since the last call. */
  check(): void;
  /** Ends the share; once only. The last one removes the backend. */
  release(): void;
}

interface Running {
  readonly device: string;
  /** What the device reported, until somebody asks. */
  failure: string | undefined;
  users: number;
  stop(): void;
}

let running: Promise<Running> | undefined;

/** Starts the backend, or shares the one that runs. Throws `engine.unavailable` where it cannot. */
export async function acquireWebgpu(): Promise<WebgpuUse> {
  const mine = (running ??= start());
  const forget = () => {
    if (running === mine) running = undefined;
  };
  const shared = await mine.catch((error: unknown) => {
    forget();
    throw error;
  });
  shared.users++;
  return {
    device: shared.device,
    check() {
      const { failure } = shared;
      shared.failure = undefined;
      if (failure !== undefined) throw deviceFailure(shared.device, failure);
    },
    release() {
      shared.users--;
      if (shared.users > 0) return;
      forget();
      shared.stop();
    },
  };
}

async function start(): Promise<Running> {
  await import('@tensorflow/tfjs-backend-cpu'); // which small tensors are computed on
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu').catch((cause: unknown) => {
    throw missingPackage('webgpu', ['@tensorflow/tfjs-backend-webgpu'], cause);
  });
  completeKernels();
  if (isReady('webgpu')) return { device: 'a device set up by somebody else', failure: undefined, users: 0, stop() {} };
  const { gpu, remove } = await provideWebgpu();
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter === null) throw noAdapter();
    const device = await requestDevice(adapter);
    const { info } = adapter;
    const started: Running = {
      device: info.description || info.device || info.vendor || 'an unnamed device',
      failure: undefined,
      users: 0,
      stop() {
        removeBackend('webgpu');
        device.destroy();
        remove();
      },
    };
    device.addEventListener('uncapturederror', (event) => {
      event.preventDefault(); // it would be printed
      started.failure ??= event.error.message;
    });
    void device.lost.then(({ reason, message }) => {
      if (reason !== 'destroyed') started.failure = `the device was lost: ${message}`;
    });
    const backend: KernelBackend = new WebGPUBackend(device as never, info as never);
    refuseWaiting(backend);
    adoptBackend('webgpu', backend);
    return started;
  } catch (error) {
    remove();
    throw error;
  }
}

let completed = false;

/** Corrects kernels and refuses those that are missing, once: they stay registered when the backend goes. */
function completeKernels(): void {
  if (completed) return;
  completed = true;
  correctWebgpuKernels();
  refuseMissingKernels();
}

/** A device that may use everything of the adapter that the kernels choose their layouts by. */
function requestDevice(adapter: GpuAdapter): Promise<GpuDevice> {
  const names = [
    'maxComputeWorkgroupStorageSize',
    'maxComputeWorkgroupsPerDimension',
    'maxStorageBufferBindingSize',
    'maxBufferSize',
    'maxComputeWorkgroupSizeX',
    'maxComputeInvocationsPerWorkgroup',
    'maxStorageBuffersPerShaderStage', // joins of eight tensors need nine
  ];
  return adapter.requestDevice({
    requiredLimits: Object.fromEntries(names.map((name) => [name, adapter.limits[name]!])),
    requiredFeatures: adapter.features.has('timestamp-query') ? ['timestamp-query'] : [],
  });
}

function noAdapter(): TransfuseError {
  return new TransfuseError({
    code: 'engine.unavailable',
    place: 'engine.backend webgpu',
    found: 'no graphics adapter (Dawn was asked for Vulkan, Metal or Direct3D 12, whichever this system has)',
    expected: 'a graphics processor with its driver; on Linux libvulkan.so.1 and a Vulkan driver',
    mend: 'Install the driver (Debian: libvulkan1 and mesa-vulkan-drivers, or that of the vendor), or choose another engine.',
  });
}

function deviceFailure(device: string, message: string): TransfuseError {
  return new TransfuseError({
    code: 'engine.failed',
    place: `engine.backend webgpu on ${device}`,
    found: message.trim().split('\n')[0] ?? '',
    expected: 'a device that computes what it is asked to',
    mend: 'Make the function’s tensors smaller, or choose another engine.',
  });
}
