/** What tests ask of the page: a name for each thing it can do, and what crosses between the two. */
import type { BrowserEngineOptions } from '@transfuse/core/engine/web';
import type { HostTensor } from '@transfuse/core/contracts';
import type { TwentySteps } from '../../support/twenty-steps.ts';
import type { ToldEvent } from './tiny-scene.ts';

/** Which engine. */
export type PageEngine = Pick<BrowserEngineOptions, 'provider' | 'threads' | 'wasmPaths'>;

/** A failure as it can be sent. */
export interface PageFailure {
  readonly code: string;
  readonly message: string;
}

/** What the page can do; it lies in the global object as `transfusePage`. */
export interface PageCalls {
  /** Creates an engine and disposes of it; its description, what it told a logger, or why it could not. */
  describe(
    engine: PageEngine & { readonly abort?: 'before' },
  ): Promise<{ readonly description: string; readonly told: readonly string[] } | PageFailure>;
  /** Runs samples of a kernel case; the outputs of each. */
  runCase(
    engine: PageEngine,
    title: string,
    samples: number,
  ): Promise<readonly Readonly<Record<string, HostTensor>>[] | PageFailure>;
  train(engine: PageEngine): Promise<TwentySteps>;
  generate(engine: PageEngine): Promise<readonly ToldEvent[]>;
  /** The guide's example, on the checkpoint at an address. */
  runGuide(
    engine: PageEngine,
    checkpoint: string,
    prompt: string,
  ): Promise<{ readonly text: string; readonly picture: readonly number[] }>;
}
