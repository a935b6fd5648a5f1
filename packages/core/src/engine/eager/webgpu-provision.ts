/**
 * WebGPU where JavaScript has none: Dawn, from the optional package `webgpu`, under the global names that programs for
 * browsers use (`navigator.gpu`, `GPUBufferUsage` and so on). Whatever of them is there already is left alone, and what
 * was put there can be taken away again.
 */
import { missingPackage } from './missing-package.ts';

/** As much of an adapter as the backend needs to know. */
export interface GpuAdapter {
  readonly features: { has(name: string): boolean };
  readonly limits: Readonly<Record<string, number>>;
  readonly info: { readonly vendor: string; readonly device: string; readonly description: string };
  requestDevice(wanted: {
    readonly requiredFeatures: readonly string[];
    readonly requiredLimits: Readonly<Record<string, number>>;
  }): Promise<GpuDevice>;
}

/** As much of a device as the backend needs to know. */
export interface GpuDevice {
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  addEventListener(
    event: 'uncapturederror',
    act: (event: { readonly error: { readonly message: string }; preventDefault(): void }) => void,
  ): void;
  destroy(): void;
}

/** The entry of WebGPU. */
interface Gpu {
  requestAdapter(options: { readonly powerPreference: 'high-performance' }): Promise<GpuAdapter | null>;
}

/** WebGPU, there to be used until it is taken away. */
export interface ProvidedWebgpu {
  readonly gpu: Gpu;
  remove(): void;
}

/** One for the life of the process: threads of its devices go on for a while after these are destroyed. */
let dawn: Gpu | undefined;

/** Puts WebGPU into the global object where it is not. Throws `engine.unavailable` where there is none to put there. */
export async function provideWebgpu(): Promise<ProvidedWebgpu> {
  const place = (globalThis as { readonly navigator?: { readonly gpu?: Gpu } }).navigator;
  if (place?.gpu !== undefined) return { gpu: place.gpu, remove() {} };
  const { create, globals } = await import('webgpu').catch((cause: unknown) => {
    throw missingPackage('webgpu', ['webgpu'], cause);
  });
  const gpu = (dawn ??= create([]) as unknown as Gpu);
  const put = [
    ...Object.entries(globals).map(([name, value]) => putProperty(globalThis, name, value)),
    place === undefined ? putProperty(globalThis, 'navigator', { gpu }) : putProperty(place, 'gpu', gpu),
  ];
  return {
    gpu,
    remove() {
      for (const undo of put) undo();
    },
  };
}

/** Defines a property unless it is there; returns how to undo that. */
function putProperty(on: object, name: string, value: unknown): () => void {
  if (name in on) return () => {};
  Object.defineProperty(on, name, { value, configurable: true, writable: true, enumerable: false });
  return () => void Reflect.deleteProperty(on, name);
}
