/**
 * Tensor functions for inputs of any shape: a compiled function is for one shape of each input, so there is one for every
 * combination that occurs, compiled when it first does.
 */
import type { CompiledFunction, CompileOptions, Engine, TensorFunction } from '../contracts/engine.ts';
import type { HostTensor, TensorSpec } from '../contracts/tensors.ts';
import { disposedFunction } from './compiled-failure.ts';

/** What a function is compiled with whatever it is fed. */
export interface CompileByShapeOptions extends Omit<CompileOptions, 'inputs'> {
  /** How many combinations of shapes are kept compiled, the last ones used; default 16. */
  readonly keep?: number;
}

/** A tensor function ready to run on inputs of any shape. */
export interface ShapedFunction {
  readonly name: string;
  /** Runs once, after compiling where these shapes are new. Otherwise as {@link CompiledFunction.run}. */
  run(inputs: Readonly<Record<string, HostTensor>>): Promise<Readonly<Record<string, HostTensor>>>;
  /** Releases what was compiled; `run` throws `host.disposed` afterwards. The stores stay. */
  dispose(): Promise<void>;
}

/**
 * Prepares a function that is compiled on first use for each combination of input shapes and types. Errors are those of
 * {@link Engine.compile} and {@link CompiledFunction.run}, and come from `run`; a combination that failed is tried again.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import { compileByShape, createCompiledEngine } from '@transfuse/core/engine';
 * const engine = createCompiledEngine();
 * const total = compileByShape(engine, (_, { x }) => ({ outputs: { y: tf.sum(x!) } }), { name: 'total' });
 * for (const length of [2, 3]) {
 *   const x = { shape: [length], dtype: 'float32', data: new Float32Array(length).fill(1) } as const;
 *   console.assert((await total.run({ x }))['y']?.data[0] === length);
 * }
 * await engine.dispose();
 * ```
 */
export function compileByShape(engine: Engine, run: TensorFunction, options: CompileByShapeOptions): ShapedFunction {
  const { keep = 16, ...shared } = options;
  const { name } = shared;
  /** In the order of their last use. */
  const kept = new Map<string, Kept>();
  /** Releases that are under way: results do not wait for them. */
  const releases = new Set<Promise<unknown>>();
  let disposed = false;

  const functionFor = (specs: Readonly<Record<string, TensorSpec>>): Kept => {
    const key = signatureOf(specs);
    const found = kept.get(key) ?? { compiled: engine.compile(run, { ...shared, inputs: specs }), users: 0 };
    kept.delete(key);
    kept.set(key, found);
    found.compiled.catch(() => kept.get(key) === found && kept.delete(key));
    return found;
  };
  const releaseUnused = () => {
    const unused = [...kept].filter(([, { users }]) => users === 0).slice(0, Math.max(0, kept.size - keep));
    for (const [key, each] of unused) {
      kept.delete(key);
      const released = release(each).catch(() => undefined); // the engine releases what is left, and says so
      releases.add(released);
      void released.finally(() => releases.delete(released));
    }
  };

  return {
    name,
    async run(inputs) {
      if (disposed) throw disposedFunction(name);
      const entries = Object.entries(inputs);
      const used = functionFor(Object.fromEntries(entries.map(([input, given]) => [input, specOf(given)])));
      used.users++;
      try {
        const ready = await used.compiled;
        return await ready.run(Object.fromEntries(entries.map(([input, given]) => [input, given.data])));
      } finally {
        used.users--;
        releaseUnused();
      }
    },
    async dispose() {
      disposed = true;
      const all = [...kept.values()];
      kept.clear();
      await Promise.all([...all.map(release), ...releases]);
    },
  };
}

/** A compiled function, and how many runs are waiting for it. */
interface Kept {
  readonly compiled: Promise<CompiledFunction>;
  users: number;
}

async function release({ compiled }: Kept): Promise<void> {
  const leaving = await compiled.catch(() => undefined); // a failure is its caller's
  await leaving?.dispose();
}

/** A copy: the caller may change his. What is missing is refused when it is compiled. */
function specOf(given: HostTensor | undefined): TensorSpec {
  const { shape, dtype } = (given ?? {}) as HostTensor;
  return { shape: shape?.slice(), dtype };
}

/** The same for the same names, shapes and types, in whatever order they are given. */
function signatureOf(specs: Readonly<Record<string, TensorSpec>>): string {
  const sorted = Object.entries(specs).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(sorted.map(([input, { shape, dtype }]) => [input, shape, dtype]));
}
