/**
 * The two engines side by side: runs one tensor function on the compiled engine and on the eager engine over the
 * TensorFlow.js CPU backend, which is the reference.
 */
import type { Engine, HostTensor, NamedTensors, TensorSpec } from '../../packages/core/src/contracts/index.ts';
import { createCompiledEngine } from '../../packages/core/src/engine/compiled-engine.ts';
import { createEagerEngine } from '../../packages/core/src/engine/eager-engine.ts';

/** Results by output name. */
export type Results = Readonly<Record<string, HostTensor>>;

/** A compiled and an eager engine. */
export interface EnginePair {
  readonly compiled: Engine;
  readonly eager: Engine;
  /** Compiles and runs a function without stores once on each. */
  run(
    run: (inputs: NamedTensors) => NamedTensors,
    inputs: Readonly<Record<string, HostTensor>>,
  ): Promise<{ readonly compiled: Results; readonly eager: Results }>;
  dispose(): Promise<void>;
}

export async function createEnginePair(): Promise<EnginePair> {
  const compiled = createCompiledEngine({ threads: 1 });
  const eager = await createEagerEngine();
  return {
    compiled,
    eager,
    run: async (run, inputs) => ({
      compiled: await runOnce(compiled, run, inputs),
      eager: await runOnce(eager, run, inputs),
    }),
    dispose: async () => {
      await compiled.dispose();
      await eager.dispose();
    },
  };
}

/** Compiles a function without stores, runs it once and copies what it returned. */
export async function runOnce(
  engine: Engine,
  run: (inputs: NamedTensors) => NamedTensors,
  inputs: Readonly<Record<string, HostTensor>>,
): Promise<Results> {
  const compiled = await engine.compile((_, given) => ({ outputs: run(given) }), {
    name: 'once',
    inputs: mapValues(inputs, ({ shape, dtype }): TensorSpec => ({ shape, dtype })),
  });
  try {
    const outputs = await compiled.run(mapValues(inputs, ({ data }) => data));
    return mapValues(outputs, (output) => ({ ...output, data: output.data.slice() }));
  } finally {
    await compiled.dispose();
  }
}

function mapValues<In, Out>(record: Readonly<Record<string, In>>, map: (value: In) => Out): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
