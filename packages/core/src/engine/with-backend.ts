/**
 * Runs synchronous TensorFlow.js code on a named backend and puts the previous one back. TensorFlow.js has one active
 * backend per process; because nothing here awaits, no other code can run in between.
 */
import { engine, findBackend, setBackend } from '@tensorflow/tfjs-core';

export function withBackend<Result>(backendName: string, run: () => Result): Result {
  const previous = engine().backendName;
  if (previous !== backendName) {
    findBackend(backendName);
    void setBackend(backendName); // synchronous for a backend that is already initialized
  }
  try {
    return run();
  } finally {
    if (previous && previous !== backendName) void setBackend(previous);
    else if (!previous) forgetBackend();
  }
}

/** Puts TensorFlow.js back where it chooses a backend itself at its next operation, the best registered one. */
function forgetBackend(): void {
  const tensorflow = engine() as unknown as {
    backendName: string | undefined;
    backendInstance: unknown;
  };
  tensorflow.backendName = undefined;
  tensorflow.backendInstance = null;
}
