import { getBackend } from '@tensorflow/tfjs-core';
import { type TraceBackend, traceBackend, traceBackendName } from '../trace/trace-backend.ts';

/**
 * The recording backend while a function is being traced, undefined in eager execution. A primitive asks it whether
 * it can use an operator that the compiled runtime has and TensorFlow.js has not.
 */
export function activeTrace(): TraceBackend | undefined {
  return getBackend() === traceBackendName ? traceBackend() : undefined;
}
