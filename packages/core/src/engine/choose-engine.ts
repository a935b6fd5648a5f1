/** Picks the engine a configuration asks for, and says which and why. */
import type { Engine } from '../contracts/engine.ts';
import type { Logger } from '../contracts/logger.ts';
import { TransfuseError } from '../errors/index.ts';
import type { EngineCache } from './cache-folder.ts';
import type { EagerEngineOptions } from './eager-engine.ts';
import { createEagerEngine } from './eager-engine.ts';

/** The engine part of a configuration. */
export interface EngineChoice {
  /** `auto` takes the compiled engine where ONNX Runtime loads, otherwise the eager one. */
  readonly name: 'auto' | 'compiled' | 'eager';
  /** TensorFlow.js backend of the eager engine. */
  readonly backend?: string;
  /** Threads of the compiled engine. */
  readonly threads?: number;
  /** Where the compiled engine keeps what it compiled between processes; default: a folder of this user. */
  readonly cache?: EngineCache;
  /** Whether the compiled engine records where its time goes; default `none`. */
  readonly profile?: 'none' | 'operators';
}

/** Creates the engine and logs the choice at `info`. Throws `engine.unavailable`. */
export async function chooseEngine(choice: EngineChoice, logger: Logger): Promise<Engine> {
  const eager = () =>
    createEagerEngine(choice.backend === undefined ? {} : ({ backend: choice.backend } satisfies EagerEngineOptions));
  const compiled = async () => {
    const { createCompiledEngine } = await import('./compiled-engine.ts').catch(unavailable);
    const { threads, cache, profile } = choice;
    return createCompiledEngine({
      ...(threads !== undefined && { threads }),
      ...(cache !== undefined && { cache }),
      ...(profile !== undefined && { profile }),
    });
  };
  const announce = (engine: Engine, reason: string) => {
    logger.info(`engine: ${engine.name} (${engine.description}), because ${reason}`);
    return engine;
  };
  if (choice.name === 'eager') return announce(await eager(), 'the configuration asks for it');
  if (choice.name === 'compiled') return announce(await compiled(), 'the configuration asks for it');
  if (choice.backend !== undefined)
    return announce(await eager(), `the configuration names the backend ${choice.backend}`);
  try {
    return announce(await compiled(), 'it is the fastest that loads here');
  } catch (cause) {
    return announce(await eager(), `the compiled engine does not load: ${(cause as Error).message}`);
  }
}

function unavailable(cause: unknown): never {
  throw new TransfuseError({
    code: 'engine.unavailable',
    place: 'engine.name',
    found: `an onnxruntime-node that does not load (${(cause as Error).message.split('\n')[0]})`,
    expected: 'onnxruntime-node with binaries for this platform',
    mend: 'Install dependencies again, or choose the eager engine: engine: { name: "eager" }.',
    cause,
  });
}
