/**
 * Takes a TensorFlow.js backend whose set-up is asynchronous into the registry, ready for synchronous use. It gets the
 * lowest priority: TensorFlow.js must not pick it for operations of a user who never asked for it.
 */
import { engine, findBackend, type KernelBackend } from '@tensorflow/tfjs-core';

/** Whether a backend is registered and set up. */
export function isReady(name: string): boolean {
  return Object.hasOwn(engine().registry, name);
}

/** Registers an instance under a name, or puts it in the place of a registered factory that nobody has called yet. */
export function adoptBackend(name: string, instance: KernelBackend): void {
  engine().registryFactory[name] = { factory: () => instance, priority: 0 };
  findBackend(name);
}
