/** The engines that the contract tests run on, one after the other. */
import type { Engine } from '../../packages/core/src/contracts/index.ts';
import { createCompiledEngine } from '../../packages/core/src/engine/compiled-engine.ts';
import { createEagerEngine } from '../../packages/core/src/engine/eager-engine.ts';

/** How to create each engine, by its name. */
export const engineKinds: readonly { readonly kind: string; create(): Promise<Engine> }[] = [
  { kind: 'compiled', create: async () => createCompiledEngine({ threads: 1 }) },
  { kind: 'eager', create: () => createEagerEngine() },
];
