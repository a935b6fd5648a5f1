/** The errors of the compiled engine. */
import { TransfuseError } from '../errors/index.ts';

/** The runtime could not compile a function. */
export function compileFailure(name: string, cause: unknown): TransfuseError {
  return new TransfuseError({
    code: 'engine.failed',
    place: `compiled function ${name}`,
    found: messageOf(cause),
    expected: 'a graph that ONNX Runtime can run',
    mend: 'Choose the eager engine (engine: { name: "eager" }) and report the function.',
    cause,
  });
}

/** The runtime could not run a function that it has compiled: mostly for the numbers it was fed. */
export function runFailure(name: string, cause: unknown): TransfuseError {
  return new TransfuseError({
    code: 'engine.failed',
    place: `compiled function ${name}, a run`,
    found: messageOf(cause),
    expected: 'numbers that every operation of the function can take',
    mend:
      'Check what is fed, positions to look up above all; the eager engine (engine: { name: "eager" }) says where it ' +
      'fails. If it does not fail there, report the function.',
    cause,
  });
}

function messageOf(cause: unknown): string {
  return String(cause instanceof Error ? cause.message : cause);
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
