/** The page under test: the engine, a model's training and generation, and the tables of kernel cases. */
import type { Engine } from '@transfuse/core/contracts';
import { TransfuseError } from '@transfuse/core/contracts';
import { createBrowserEngine } from '@transfuse/core/engine/web';
import fc from 'fast-check';
import { drawAndWrite } from 'virtual:guide';
import { allCases } from '../../support/engine-all-cases.ts';
import { runOnce } from '../../support/tiny-run.ts';
import type { PageCalls, PageEngine, PageFailure } from './page-calls.ts';
import { generateInTurn, trainTinyScene } from './tiny-scene.ts';

const engines = new Map<string, Promise<Engine>>();

/** One engine of each kind, for as long as the page lives. */
function engineFor(options: PageEngine): Promise<Engine> {
  const key = JSON.stringify(options);
  const engine = engines.get(key) ?? createBrowserEngine(options);
  engines.set(key, engine);
  return engine;
}

const failure = (error: unknown): PageFailure => ({
  code: error instanceof TransfuseError ? error.code : 'none',
  message: error instanceof Error ? error.message : String(error),
});

const calls: PageCalls = {
  async describe({ abort, ...options }) {
    const told: string[] = [];
    const tell = (line: string) => void told.push(line);
    const logger = { debug: tell, info: tell, warn: tell, error: tell };
    const signal = abort === 'before' ? { signal: AbortSignal.abort() } : {};
    try {
      const engine = await createBrowserEngine({ ...options, ...signal, logger });
      await engine.dispose();
      return { description: engine.description, told };
    } catch (error) {
      return failure(error);
    }
  },
  async runCase(options, title, samples) {
    try {
      const engine = await engineFor(options);
      const found = allCases.find((each) => each.title === title)!;
      const results = [];
      for (const { inputs, run } of fc.sample(found.samples, { numRuns: samples, seed: 1 })) {
        results.push(await runOnce(engine, run, inputs));
      }
      return results;
    } catch (error) {
      return failure(error);
    }
  },
  train: async (options) => trainTinyScene(await engineFor(options)),
  generate: async (options) => generateInTurn(await engineFor(options)),
  async runGuide(options, checkpoint, prompt) {
    const { text, picture } = await drawAndWrite(await engineFor(options), checkpoint, prompt);
    return { text, picture: [...picture.data] };
  },
};

Object.assign(globalThis, { transfusePage: calls });
