/** Picks the engine a configuration asks for, and says which and why. */
import type { Engine } from '../contracts/engine.ts';
import type { Logger } from '../contracts/logger.ts';
import { TransfuseError } from '../errors/index.ts';
import type { EngineCache } from './cache-folder.ts';
import type { EagerEngineOptions } from './eager-engine.ts';
import { createEagerEngine } from './eager-engine.ts';
import type { ExecutionProvider } from './execution-provider.ts';

/** The engine part of a configuration. */
export interface EngineChoice {
  /** `auto` takes the compiled engine where ONNX Runtime loads, otherwise the eager one. */
  readonly name: 'auto' | 'compiled' | 'eager';
  /** TensorFlow.js backend of the eager engine. */
  readonly backend?: string;
  /** Where the compiled engine computes; default `cpu`. Who names one gets it or an error, never the eager engine. */
  readonly provider?: ExecutionProvider;
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
    const { threads, cache, profile, provider = 'cpu' } = choice;
    const engine = createCompiledEngine({
      provider,
      ...(threads !== undefined && { threads }),
      ...(cache !== undefined && { cache }),
      ...(profile !== undefined && { profile }),
    });
    await (await import('./execution-provider.ts')).providerReady(provider);
    return engine;
  };
  const announce = (engine: Engine, reason: string) => {
    logger.info(`engine: ${engine.name} (${engine.description}), because ${reason}`);
    return engine;
  };
  checkProviderUse(choice);
  if (choice.name === 'eager') return announce(await eager(), 'the configuration asks for it');
  if (choice.name === 'compiled') return announce(await compiled(), 'the configuration asks for it');
  if (choice.provider !== undefined)
    return announce(await compiled(), `the configuration names the provider ${choice.provider}`);
  if (choice.backend !== undefined)
    return announce(await eager(), `the configuration names the backend ${choice.backend}`);
  try {
    return announce(await compiled(), 'it is the fastest that loads here');
  } catch (cause) {
    return announce(await eager(), `the compiled engine does not load: ${(cause as Error).message}`);
  }
}

/** Providers belong to the compiled engine, backends to the eager one. */
function checkProviderUse({ name, backend, provider }: EngineChoice): void {
  if (provider === undefined || (name !== 'eager' && backend === undefined)) return;
  throw new TransfuseError({
    code: 'config.invalid',
    place: 'engine.provider',
    found: `"${provider}" beside ${name === 'eager' ? 'the eager engine' : `the backend ${backend}`}`,
    expected: 'a provider with the compiled engine only',
    mend: 'Remove `engine.provider`, or `engine.backend` and an `engine.name` of "eager".',
  });
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
