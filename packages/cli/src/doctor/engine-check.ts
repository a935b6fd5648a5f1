// Tries an engine: creates it and lets it compute one small matrix product whose result is known.
import { createHost, type EngineConfig, type Logger } from '@transfuse/core';
import type { Engine, HostTensor } from '@transfuse/core/contracts';
import { languageHead } from '@transfuse/core/model';

/** How a trial went. */
export type EngineTrial =
  | { readonly works: true; readonly engine: string; readonly description: string; readonly milliseconds: number }
  | { readonly works: false; readonly problem: string };

/** Tries the engine that a choice leads to. Never throws. */
export async function tryEngine(choice: EngineConfig, logger: Logger): Promise<EngineTrial> {
  const started = performance.now();
  try {
    const host = await createHost({ plugins: [], config: { engine: choice }, logger });
    try {
      await computeProduct(host.engine);
      const { name, description } = host.engine;
      return { works: true, engine: name, description, milliseconds: Math.round(performance.now() - started) };
    } finally {
      await host.dispose();
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { works: false, problem: message.trim().split('\n')[0] ?? '' };
  }
}

/** Scores of two tokens for a hidden state of two features: [1, 2] times [[1, 2], [3, 4]] is [7, 10]. */
async function computeProduct(engine: Engine): Promise<void> {
  const weight: HostTensor = { shape: [2, 2], dtype: 'float32', data: Float32Array.of(1, 2, 3, 4) };
  const parameters = engine.createStore({ 'head.weight': weight });
  const compiled = await engine.compile(
    (stores, inputs) => ({ outputs: { scores: languageHead(stores['parameters']!, untied, inputs['hidden']!) } }),
    { name: 'doctor', inputs: { hidden: { shape: [1, 2], dtype: 'float32' } }, stores: { parameters } },
  );
  const { scores } = await compiled.run({ hidden: Float32Array.of(1, 2) });
  const result = [...(scores?.data ?? [])];
  await compiled.dispose();
  parameters.dispose();
  if (result.join() !== '7,10') throw new Error(`it computed [${result.join(', ')}] where [7, 10] is right`);
}

const untied = {
  width: 2,
  depth: 1,
  heads: 1,
  keyValueHeads: 1,
  feedForwardWidth: 2,
  sequenceLength: 1,
  ropeBase: 10_000,
  positions: 'sequence',
  normEpsilon: 1e-5,
  queryKeyNorm: 'none',
  head: 'untied',
} as const;
