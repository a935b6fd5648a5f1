/** The errors of the compiled engine. */
import { TransfuseError } from '../errors/index.ts';

/** The runtime could not compile or run a function. */
export function runtimeFailure(name: string, cause: unknown): TransfuseError {
  return new TransfuseError({
    code: 'engine.failed',
    place: `compiled function ${name}`,
    found: String(cause instanceof Error ? cause.message : cause),
    expected: 'a graph that ONNX Runtime can run',
    mend: 'Choose the eager engine (engine: { name: "eager" }) and report the function.',
    cause,
  });
}

/** The engine was used after its end. */
export function disposedEngine(): TransfuseError {
  return new TransfuseError({
    code: 'host.disposed',
    place: 'compiled engine',
    found: 'a call after dispose()',
    expected: 'a live engine',
    mend: 'Create the engine again.',
  });
}

/** A function was run after its end. */
export function disposedFunction(name: string): TransfuseError {
  return new TransfuseError({
    code: 'host.disposed',
    place: `compiled function ${name}`,
    found: 'a call after dispose()',
    expected: 'a live function',
    mend: 'Compile it again.',
  });
}
