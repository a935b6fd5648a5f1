/**
 * Keeps the CPU backend of TensorFlow.js quiet: at its first write it advertises another package on standard error. That
 * write is made here, with warnings off.
 */
import { env, tensor } from '@tensorflow/tfjs-core';
import { withBackend } from '../with-backend.ts';

/** Makes the first write; later calls do no harm. The backend must be registered. */
export function quietCpuBackend(): void {
  const flags = env();
  const before = flags.getBool('PROD');
  flags.set('PROD', true);
  withBackend('cpu', () => tensor([0]).dispose());
  flags.set('PROD', before);
}
