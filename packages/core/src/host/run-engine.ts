// Decides which engine a training runs on.
import type { Engine } from '../contracts/engine.ts';
import { chooseEngine } from '../engine/choose-engine.ts';
import type { ResolvedConfig } from './config-types.ts';
import { isBuiltIn } from './config.ts';
import type { Host } from './host.ts';

/** The host's engine, unless the run's configuration asks for another kind, backend or provider, which a description names. */
export async function engineOf(host: Host, { engine }: ResolvedConfig): Promise<Engine> {
  const { name, description } = host.engine;
  if (!isBuiltIn(engine)) {
    return engine.name === name ? host.engine : host.create('engine', engine.name, engine.settings ?? {});
  }
  const where = engine.backend ?? engine.provider;
  const asksForAnother =
    (engine.name !== 'auto' && engine.name !== name) || (where !== undefined && !description.includes(where));
  return asksForAnother ? chooseEngine(engine, host.logger) : host.engine;
}
