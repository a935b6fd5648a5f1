/**
 * Notices randomness while a function is traced. A number drawn during the trace would be baked into the graph and be
 * the same at every run, also where a seed was given. `Math.random` is replaced for the duration of the trace, which is
 * synchronous, so no other code can call it meanwhile; TensorFlow.js's own seeded generators are recognised by the
 * operations that use them, because every operation runs in a scope of its name. What this cannot see: numbers of a
 * generator of the user's own, or of `node:crypto`; they become constants like any other number of JavaScript.
 */
import { engine } from '@tensorflow/tfjs-core';

/** TensorFlow.js's random operations, outermost of those that call each other first. */
const randomOperations: ReadonlySet<string> = new Set([
  'dropout',
  'multinomial',
  'rand',
  'randomGamma',
  'randomNormal',
  'randomStandardNormal',
  'randomUniform',
  'randomUniformInt',
  'truncatedNormal',
]);

/** The random operation of TensorFlow.js that is running now, the outermost where they call each other. */
export function runningRandomOperation(): string | undefined {
  return engine()
    .state.scopeStack.map(({ name }) => name?.replace(/__op$/, ''))
    .find((name) => randomOperations.has(name));
}

/** Runs synchronous code that must not call `Math.random`; throws what `refuse` makes where it does. */
export function withoutMathRandom<Result>(refuse: () => Error, run: () => Result): Result {
  const random = Object.getOwnPropertyDescriptor(Math, 'random');
  if (random === undefined || !(random.configurable || random.writable)) return run(); // a frozen Math cannot be guarded
  Math.random = () => {
    throw refuse();
  };
  try {
    return run();
  } finally {
    Object.defineProperty(Math, 'random', random);
  }
}
